import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { counterFromBigint } from '../../parsers/counter.js';
import { humanSize } from '../../src/render/human-size.js';
import { arbitraryCounter } from '../support/row-arbitrary.js';

const examples: [bytes: bigint, text: string][] = [
  [0n, '0 B'],
  [999n, '999 B'],
  [1023n, '1023 B'],
  [1024n, '1.00 KiB'],
  [222717542n, '212.4 MiB'],
  [1127428915n, '1.05 GiB'],
  // 9.995 KiB is not a whole number of bytes; these are its neighbours.
  [10234n, '9.99 KiB'],
  [10235n, '10.0 KiB'],
  [1024n * 1000n, '1000 KiB'],
  [1024n * 1024n - 513n, '1023 KiB'],
  [1024n * 1024n - 512n, '1.00 MiB'],
  [(1n << 40n) - 1n, '1.00 TiB'],
  [(1n << 50n) - 1n, '1.00 PiB'],
  [(1n << 60n) - 1n, '1.00 EiB'],
  [(1n << 64n) - 1n, '16.0 EiB'],
  [1n << 64n, '16.0 EiB'],
  [(1n << 70n) - 1n, '1.00 ZiB'],
  [1n << 90n, '1024 YiB'],
  [3n << 100n, '3145728 YiB'],
];

for (const [bytes, text] of examples) {
  test(`${String(bytes)} bytes read ${text}`, () => {
    assert.equal(humanSize(counterFromBigint(bytes)), text);
    assert.equal(humanSize(bytes), text);
  });
}

test('three or four digits, never a unit that is too small, and the value within half of the last digit', () => {
  const powers = new Map(
    ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'].map((unit, index) => [unit, index]),
  );
  fc.assert(
    fc.property(arbitraryCounter, (bytes) => {
      const [digits = '', unit = ''] = humanSize(bytes).split(' ');
      assert.match(digits, /^(\d{1,4}|\d{2,3}\.\d|\d\.\d\d)$/);
      assert.ok(Number(digits) < 1024);
      const decimals = digits.split('.')[1]?.length ?? 0;
      const power = 1n << BigInt(10 * (powers.get(unit) ?? NaN));
      const ten = 10n ** BigInt(decimals);
      const difference = BigInt(digits.replace('.', '')) * power - BigInt(bytes) * ten;
      assert.ok(difference * 2n <= power && -difference * 2n < power);
    }),
  );
});
