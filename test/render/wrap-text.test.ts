import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textWidth, wrapText } from '../../src/render/wrap-text.js';

test('breaks at blanks first, then behind the separators of addresses and names', () => {
  assert.equal(wrapText('db01.example (via 10.0.1.100:3306)', 24), 'db01.example (via\n10.0.1.100:3306)');
  assert.equal(wrapText('[2001:db8:aaaa:bbbb::1]:443', 18), '[2001:db8:aaaa:\nbbbb::1]:443');
  assert.equal(wrapText('18446744073709551615', 9), '184467440\n737095516\n15');
});

test('text that fits stays as it is', () => {
  assert.equal(wrapText('10.0.1.9:many', 13), '10.0.1.9:many');
  assert.equal(wrapText('a\nb', 1), 'a\nb');
});

test('a character outside ASCII counts as two columns', () => {
  assert.equal(textWidth('例え.jp'), 7);
  assert.equal(wrapText('例え例え', 4), '例え\n例え');
});

test('no line is too wide and nothing but blanks is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
      const wrapped = wrapText(text, width);
      for (const line of wrapped.split('\n')) assert.ok(textWidth(line) <= width);
      assert.equal(wrapped.replace(/\s/g, ''), text.replace(/\s/g, ''));
    }),
  );
});
