import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addCounters,
  compareCounters,
  COUNTER_MAX,
  type Counter,
  counterFromBigint,
} from '../../parsers/counter.js';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Around zero and the limit of exact numbers, up to the largest counter, and sums far beyond it. */
const exact = fc.oneof(
  fc.bigInt(0n, 9n),
  fc.bigInt(SAFE - 9n, SAFE + 9n),
  fc.bigInt(0n, COUNTER_MAX),
  fc.bigInt(-COUNTER_MAX, 1000n * COUNTER_MAX),
);

/** The counter that `value` must be: a number as long as that is exact. */
function assertIs(counter: Counter, value: bigint): void {
  assert.equal(BigInt(counter), value);
  assert.equal(typeof counter, value <= SAFE && value >= -SAFE ? 'number' : 'bigint');
}

test('a counter is exact, and a number as long as it can be', () => {
  fc.assert(
    fc.property(exact, (value) => {
      assertIs(counterFromBigint(value), value);
    }),
  );
});

test('sums of counters are exact, in any order', () => {
  fc.assert(
    fc.property(exact, exact, exact, (a, b, c) => {
      const [x, y, z] = [counterFromBigint(a), counterFromBigint(b), counterFromBigint(c)];
      assertIs(addCounters(x, y), a + b);
      assertIs(addCounters(addCounters(x, y), z), a + b + c);
      assertIs(addCounters(x, addCounters(z, y)), a + b + c);
    }),
  );
});

test('counters are ordered by value, numbers and bigints alike', () => {
  fc.assert(
    fc.property(fc.array(exact), (values) => {
      const sorted = values.map(counterFromBigint).sort(compareCounters).map(BigInt);
      assert.ok(sorted.every((value, index) => index === 0 || (sorted[index - 1] ?? value) <= value));
      for (const value of values)
        assert.equal(compareCounters(counterFromBigint(value), counterFromBigint(value)), 0);
    }),
  );
});
