import type { ParseErrorCode, ParseResult } from '../../../parsers/parse-error.js';

const CODES: Readonly<Record<ParseErrorCode, true>> = {
  'empty-line': true,
  'line-too-long': true,
  'not-conntrack': true,
  'not-event': true,
  'not-expectation': true,
  'not-socket': true,
  'missing-field': true,
  'invalid-number': true,
  'out-of-range': true,
  'invalid-address': true,
  'mixed-families': true,
  'duplicate-field': true,
  'unterminated-flag': true,
  truncated: true,
};

/** The rule that the result of parsing `line` breaks: its error has no known code, or points at text that is not there. */
export function brokenRule(line: string, result: ParseResult<unknown>): string | undefined {
  if (result.ok) return undefined;
  const { code, column, text } = result.error;
  if (!Object.hasOwn(CODES, code)) return `unknown code ${code}`;
  if (!Number.isInteger(column) || column < 1 || column > line.length + 1) {
    return `column ${column} outside of ${line.length} characters`;
  }
  // Halves of surrogate pairs have no bytes. U+FFFD stands for them everywhere.
  const standing = wellFormed(line.slice(column - 1, column - 1 + text.length));
  return standing === wellFormed(text) ? undefined : `${JSON.stringify(text)} is not at column ${column}`;
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
