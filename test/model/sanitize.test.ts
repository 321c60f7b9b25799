import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sanitizeText } from '../../src/model/sanitize.js';
import { arbitraryName } from '../support/row-arbitrary.js';

test('plain text stays as it is', () => {
  assert.equal(sanitizeText('db01.example'), 'db01.example');
  assert.equal(sanitizeText('bücher.例え'), 'bücher.例え');
});

test('escape sequences go whole, not only their first character', () => {
  assert.equal(sanitizeText('a\u001b[31mred\u001b[0m'), 'ared');
  assert.equal(sanitizeText('a\u001b]0;title\u0007b'), 'ab');
});

test('bidi controls and other invisible characters go', () => {
  assert.equal(sanitizeText('a\u202eb\u2066c\u200bd\u2028e\u0085f\u007fg'), 'abcdefg');
});

test('nothing is left that a terminal would obey', () => {
  fc.assert(
    fc.property(arbitraryName, (name) => {
      const text = sanitizeText(name);
      assert.doesNotMatch(text, /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      assert.equal(sanitizeText(text), text);
    }),
  );
});
