import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ParseError, quoteForMessage } from '../../parsers/parse-error.js';

const SHOWN = 60;

test('text from outside is shown in quotes, without anything that acts on a terminal', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(text, (outside) => {
      const shown = quoteForMessage(outside);
      assert.match(shown, /^".*"$/u);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(shown.slice(1, -1), /(?<!\\)(?:\\\\)*"/, 'a quote ends nothing but the text');
    }),
  );
});

test('text is cut behind its 60th character, and a mark shows the cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '漢', '𝔘'), maxLength: 150 }), (text) => {
      const characters = Array.from(text);
      const shown = quoteForMessage(text);
      if (characters.length <= SHOWN / 2) assert.equal(shown, `"${text}"`);
      else if (characters.length > SHOWN) assert.ok(shown.endsWith('…"'));
      assert.ok(text.startsWith(shown.slice(1, -1).replace(/(?:\\u\{d[89a-f]..\})?…?$/, '')));
    }),
  );
});

test('a ParseError names the field, the column, the expectation and the text found', () => {
  const details = {
    code: 'invalid-number',
    field: 'bytes',
    column: 7,
    expected: 'a decimal number',
  } as const;
  const error = new ParseError({ ...details, text: 'x"\u001b' });
  assert.equal(error.message, 'bytes at column 7: expected a decimal number, found "x\\"\\u{1b}"');
  const { name, code, field, column, text, expected } = error;
  assert.deepEqual({ code, field, column, expected }, details);
  assert.deepEqual([name, text], ['ParseError', 'x"\u001b']);
  assert.ok(error instanceof Error);
  assert.match(new ParseError({ ...details, text: '' }).message, /, found nothing$/);
});
