/**
 * Every way in which a line can be malformed. `docs/errors.md` has a row for each.
 *
 * A closed union: a `switch` over it can be exhaustive.
 */
export type ParseErrorCode =
  | 'empty-line'
  | 'line-too-long'
  | 'not-conntrack'
  | 'not-event'
  | 'not-expectation'
  | 'not-socket'
  | 'missing-field'
  | 'invalid-number'
  | 'out-of-range'
  | 'invalid-address'
  | 'mixed-families'
  | 'duplicate-field'
  | 'unterminated-flag'
  | 'truncated';

/** What a {@link ParseError} is made of. */
export interface ParseErrorDetails {
  /** Which rule the line breaks. */
  readonly code: ParseErrorCode;
  /** The field at fault, in the kernel's spelling (`sport`, `bytes`, `local_address`), or `line`. */
  readonly field: string;
  /** Where the offending text starts, in characters from 1. */
  readonly column: number;
  /** The offending text as it stands in the line; empty where something is missing. */
  readonly text: string;
  /** What was expected there, in words. */
  readonly expected: string;
}

const SHOWN_TEXT_LENGTH = 60;

/** Text from outside made safe and short for a message: control characters escaped, cut at 60 characters. */
export function quoteForMessage(text: string): string {
  const characters = Array.from(text.slice(0, SHOWN_TEXT_LENGTH + 1));
  const cut = characters.length > SHOWN_TEXT_LENGTH || text.length > SHOWN_TEXT_LENGTH + 1;
  const shown = characters
    .slice(0, SHOWN_TEXT_LENGTH)
    .map((character) => escapeControl(character))
    .join('');
  return `"${shown}${cut ? '…' : ''}"`;
}

function escapeControl(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** A line that could not be read: says which rule it breaks, where, and what stands there. */
export class ParseError extends Error implements ParseErrorDetails {
  readonly code: ParseErrorCode;
  readonly field: string;
  readonly column: number;
  readonly text: string;
  readonly expected: string;

  /** Puts the message together; shows of `text` at most 60 characters, control characters escaped. */
  constructor(details: ParseErrorDetails) {
    const found = details.text === '' ? 'nothing' : quoteForMessage(details.text);
    super(`${details.field} at column ${details.column}: expected ${details.expected}, found ${found}`);
    this.name = 'ParseError';
    this.code = details.code;
    this.field = details.field;
    this.column = details.column;
    this.text = details.text;
    this.expected = details.expected;
  }
}

/** What the non-throwing parsers return: the value, or the error that the throwing ones throw. */
export type ParseResult<T> =
  | {
      /** Discriminates: the line was read. */
      readonly ok: true;
      /** What it says. */
      readonly value: T;
    }
  | {
      /** Discriminates: the line is malformed. */
      readonly ok: false;
      /** Its first fault. */
      readonly error: ParseError;
    };
