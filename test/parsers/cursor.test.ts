import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cursor, digitOf, hexDigit } from '../../parsers/cursor.js';

test('digits are what JavaScript takes for digits, and nothing stands behind the end', () => {
  fc.assert(
    fc.property(fc.nat(255), (byte) => {
      const text = String.fromCharCode(byte);
      assert.equal(digitOf(byte) <= 9, /^[0-9]$/.test(text));
      assert.equal(hexDigit(byte), /^[0-9a-f]$/i.test(text) ? parseInt(text, 16) : -1);
    }),
  );
  assert.ok(digitOf(undefined) > 9);
  assert.equal(hexDigit(undefined), -1);
});

test('a cursor at the end stands on a newline, and starts again in the same bytes', () => {
  const cursor = new Cursor();
  const bytes = Buffer.from('ab');
  cursor.start(bytes, 2);
  assert.equal(cursor.byte, 0x0a);
  cursor.start(bytes, 1);
  assert.equal(cursor.byte, 'b'.charCodeAt(0));
});
