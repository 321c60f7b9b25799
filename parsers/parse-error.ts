/**
 * Every way in which a line can be malformed. `docs/errors.md` has a row for each.
 *
 * The union is closed, so a `switch` over it can be exhaustive.
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

/** The details of a {@link ParseError}. */
export interface ParseErrorDetails {
  /** The rule that the line breaks. */
  readonly code: ParseErrorCode;
  /** The field at fault, in the kernel's spelling (`sport`, `bytes`, `local_address`), or `line`. */
  readonly field: string;
  /** The position of the offending text, in characters from 1. */
  readonly column: number;
  /** The offending text as the line has it; empty if something is missing. */
  readonly text: string;
  /** The text that was expected there, in words. */
  readonly expected: string;
}

const SHOWN_TEXT_LENGTH = 60;

/** Quotes untrusted text for a message: control characters escaped, cut after 60 characters. */
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

/** A line that could not be read. It names the rule that the line breaks, the position, and the text found there. */
export class ParseError extends Error implements ParseErrorDetails {
  readonly code: ParseErrorCode;
  readonly field: string;
  readonly column: number;
  readonly text: string;
  readonly expected: string;

  /** Composes the message. It shows at most 60 characters of `text`, with control characters escaped. */
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

/** The result of the non-throwing parsers: the value, or the error that the throwing parsers throw. */
export type ParseResult<T> =
  | {
      /** Discriminates: the line was read. */
      readonly ok: true;
      /** The value read from the line. */
      readonly value: T;
    }
  | {
      /** Discriminates: the line is malformed. */
      readonly ok: false;
      /** The first fault of the line. */
      readonly error: ParseError;
    };
