import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipAddress } from '../../parsers/arbitraries/index.js';
import { formatIpAddressFull, parseIpAddress } from '../../parsers/address.js';
import { Cursor } from '../../parsers/cursor.js';
import { scanAddress } from '../../parsers/scan-address.js';

/** The bytes that the whole of `text` is scanned as, or undefined. */
function scan(text: string): Uint8Array | undefined {
  const isIpv6 = text.includes(':');
  const words = new Int32Array(4).fill(-1);
  const cursor = new Cursor();
  const bytes = Buffer.from(`${text}\n`);
  cursor.start(bytes, 0);
  if (!scanAddress(cursor, isIpv6, words, 0) || cursor.at !== bytes.indexOf('\n')) return undefined;
  const view = new DataView(new ArrayBuffer(16));
  words.forEach((word, index) => {
    view.setInt32(index * 4, word);
  });
  return new Uint8Array(view.buffer, 0, isIpv6 ? 16 : 4);
}

test('a scanned address is the parsed address', () => {
  const edit = fc.tuple(fc.nat(), fc.nat(3), fc.stringMatching(/^[0-9a-fA-Fx:.]{0,3}$/));
  fc.assert(
    fc.property(ipAddress(), fc.array(edit, { maxLength: 3 }), (address, edits) => {
      let text = address;
      for (const [where, removed, inserted] of edits) {
        const at = where % (text.length + 1);
        text = text.slice(0, at) + inserted + text.slice(at + removed);
      }
      const scanned = scan(text);
      if (scanned !== undefined) assert.deepEqual(scanned, parseIpAddress(text), text);
    }),
    { numRuns: 50_000 },
  );
});

test('addresses are scanned as kernels and libraries print them, all but the IPv4-mapped ones', () => {
  fc.assert(
    fc.property(ipAddress(), (address) => {
      if (address.startsWith('::ffff:')) return;
      const bytes = parseIpAddress(address);
      assert.ok(bytes !== undefined);
      for (const text of [address, formatIpAddressFull(bytes)]) assert.deepEqual(scan(text), bytes, text);
    }),
    { numRuns: 1000 },
  );
  assert.equal(scan('::ffff:10.0.0.1'), undefined);
  assert.equal(scan('::ffff:a00:1'), undefined);
});
