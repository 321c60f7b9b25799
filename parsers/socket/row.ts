import { formatIpAddress, mapIpv4, parseIpAddress } from '../address.js';
import { type Counter, COUNTER_MAX, counterFromBigint } from '../counter.js';
import { ParseError, type ParseErrorCode } from '../parse-error.js';
import type { ByteOrder } from './socket-entry.js';

/** A piece of a line: its text and its position, from 1. */
export interface Piece {
  readonly text: string;
  readonly column: number;
}

/** The blank-separated columns of one row, taken from left to right. */
export class Row {
  readonly #pieces: Piece[];
  readonly #end: number;
  #next = 0;

  constructor(line: string) {
    this.#pieces = Array.from(line.matchAll(/[^ \t\r\n]+/g), (match) => ({
      text: match[0],
      column: match.index + 1,
    }));
    const last = this.#pieces.at(-1);
    this.#end = last ? last.column + last.text.length : 1;
  }

  /** Number of columns left. */
  get left(): number {
    return this.#pieces.length - this.#next;
  }

  /** Takes the next column. @throws ParseError `missing-field` at the end of the row */
  take(field: string, expected: string): Piece {
    const piece = this.#pieces[this.#next];
    if (!piece) throw missing(field, this.#end, expected);
    this.#next++;
    return piece;
  }

  /** Takes the texts of all remaining columns. */
  takeRest(): string[] {
    const rest = this.#pieces.slice(this.#next).map((piece) => piece.text);
    this.#next = this.#pieces.length;
    return rest;
  }
}

/** Splits a piece at its first colon. @throws ParseError `missing-field` for `second` if there is no colon */
export function splitPair(piece: Piece, second: string, expected: string): [Piece, Piece] {
  const colon = piece.text.indexOf(':');
  if (colon < 0) throw missing(second, piece.column + piece.text.length, expected);
  return [
    { text: piece.text.slice(0, colon), column: piece.column },
    { text: piece.text.slice(colon + 1), column: piece.column + colon + 1 },
  ];
}

/** The bounds of the C types that the columns are printed from. */
const U32_MAX = 0xffffffff;
const S32_MIN = -0x80000000;

/** Reads an unsigned hexadecimal number of at most `max`. */
export function readHex(field: string, piece: Piece, max: number = U32_MAX): number {
  if (!/^[0-9a-f]+$/i.test(piece.text)) throw fault('invalid-number', field, piece, 'hexadecimal digits');
  const value = parseInt(piece.text, 16);
  if (value > max) throw fault('out-of-range', field, piece, `at most ${max.toString(16).toUpperCase()}`);
  return value;
}

/** Reads an unsigned 64-bit hexadecimal number. */
export function readHex64(field: string, piece: Piece): Counter {
  if (!/^[0-9a-f]+$/i.test(piece.text)) throw fault('invalid-number', field, piece, 'hexadecimal digits');
  return readCounter(field, piece, `0x${piece.text}`, 16);
}

/** Reads an unsigned 32-bit decimal number. */
export function readUnsigned(field: string, piece: Piece): number {
  if (!/^\d+$/.test(piece.text)) throw fault('invalid-number', field, piece, 'decimal digits');
  const value = Number(piece.text);
  if (value > U32_MAX) throw fault('out-of-range', field, piece, `at most ${U32_MAX}`);
  return value;
}

/** Reads a 32-bit decimal number that some kernels print signed and others unsigned. */
export function readSigned(field: string, piece: Piece): number {
  if (!/^-?\d+$/.test(piece.text)) throw fault('invalid-number', field, piece, 'a decimal number');
  const value = Number(piece.text);
  if (value > U32_MAX || value < S32_MIN) {
    throw fault('out-of-range', field, piece, `${S32_MIN} to ${U32_MAX}`);
  }
  return value === 0 ? 0 : value;
}

/** Reads an unsigned 64-bit decimal number. */
export function readUnsigned64(field: string, piece: Piece): Counter {
  if (!/^\d+$/.test(piece.text)) throw fault('invalid-number', field, piece, 'decimal digits');
  return readCounter(field, piece, piece.text, 20);
}

/** The value of a literal that is known to be a number; `width` is the number of digits that 64 bits take. */
function readCounter(field: string, piece: Piece, literal: string, width: number): Counter {
  const value = Number(literal);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  // The cost of BigInt is more than linear, so longer texts are refused before it sees them.
  const exact = piece.text.length <= width ? BigInt(literal) : undefined;
  if (exact === undefined || exact > COUNTER_MAX) {
    throw fault('out-of-range', field, piece, 'an unsigned 64-bit number');
  }
  return counterFromBigint(exact);
}

/** The error for a piece that is present but wrong. */
export function fault(code: ParseErrorCode, field: string, piece: Piece, expected: string): ParseError {
  return new ParseError({ code, field, column: piece.column, text: piece.text, expected });
}

function missing(field: string, column: number, expected: string): ParseError {
  return new ParseError({ code: 'missing-field', field, column, text: '', expected });
}

/**
 * The address that a socket table shows as one (IPv4) or four (IPv6) words of 8 hexadecimal digits, or undefined.
 *
 * Each word is a network-order word printed in the host's order (`%08X`): little-endian hosts print 127.0.0.1 as
 * `0100007F`.
 */
export function decodeAddress(words: string, byteOrder: ByteOrder): string | undefined {
  if (!/^(?:[0-9a-f]{8}|[0-9a-f]{32})$/i.test(words)) return undefined;
  const texts = [];
  for (let at = 0; at < words.length; at += 8) texts.push(words.slice(at, at + 8));
  const bytes = texts.flatMap((text) => wordBytes(parseInt(text, 16), byteOrder));
  return bytes.length === 4 ? bytes.join('.') : formatIpAddress(Uint8Array.from(bytes));
}

/**
 * The words of an address as a table of this family shows them. An IPv6 table shows an IPv4 address as IPv4-mapped.
 * @throws RangeError for text that is no address, and for an IPv6 address in an IPv4 table
 */
export function encodeAddress(address: string, family: 'ipv4' | 'ipv6', byteOrder: ByteOrder): string {
  const bytes = parseIpAddress(family === 'ipv6' ? mapIpv4(address) : address);
  if (bytes?.length !== (family === 'ipv4' ? 4 : 16)) {
    throw new RangeError(`${JSON.stringify(address)} has no place in an ${family} socket table`);
  }
  const words = [];
  for (let at = 0; at < bytes.length; at += 4)
    words.push(...swapWord([...bytes.subarray(at, at + 4)], byteOrder));
  return words.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** The bytes, in network order, of a word printed in the host's order. */
function wordBytes(word: number, byteOrder: ByteOrder): number[] {
  return swapWord([word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff], byteOrder);
}

function swapWord(bytes: number[], byteOrder: ByteOrder): number[] {
  return byteOrder === 'big' ? bytes : bytes.reverse();
}
