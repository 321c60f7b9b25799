import { BYTE } from './bytes.js';

/** The result of {@link Cursor.decimal} if there is no number. */
export const NO_NUMBER: number = -1;

const WORD_BYTES = 4;
/** Any number of this many decimal digits is exact in a double. */
const EXACT_DIGITS = 15;
/** Any number of this many decimal digits fits 31 bits. */
const INT32_DIGITS = 9;

/** A text to match with {@link Cursor.take}. */
export interface Spelling {
  /** The text as words. If the length is no multiple of the word size, the last word overlaps the one before. */
  readonly words: Int32Array;
  readonly length: number;
}

/** Makes a {@link Spelling}. @throws RangeError unless `text` has four bytes or more, all ASCII */
export function spelling(text: string): Spelling {
  const bytes = Buffer.from(text, 'latin1');
  const words = Int32Array.from({ length: Math.ceil(bytes.length / WORD_BYTES) }, (_, index) =>
    bytes.readInt32LE(Math.min(index * WORD_BYTES, bytes.length - WORD_BYTES)),
  );
  return { words, length: bytes.length };
}

/**
 * Steps through the bytes of one line without making objects or strings.
 *
 * A newline must lie ahead. No loop passes a newline, so none needs to compare its position with the end of the bytes.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));

  /** Moves to position `at` of `bytes`. */
  start(bytes: Uint8Array, at: number): void {
    this.at = at;
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The byte at the cursor. */
  get byte(): number {
    return this.bytes[this.at] ?? BYTE.newline;
  }

  /**
   * Passes over a text if exactly that text is at the cursor. Compares words: comparing bytes took a third of the time
   * of reading a table.
   */
  take({ words, length }: Spelling): boolean {
    const { at, view } = this;
    if (at + length > view.byteLength) return false;
    const last = words.length - 1;
    for (let index = 0; index < last; index++) {
      if (view.getInt32(at + index * WORD_BYTES, true) !== words[index]) return false;
    }
    if (view.getInt32(at + length - WORD_BYTES, true) !== words[last]) return false;
    this.at = at + length;
    return true;
  }

  /** Passes over a copy of the bytes at `[start, end)` if a blank follows it. */
  takeCopy(start: number, end: number): boolean {
    const { bytes, at, view } = this;
    const stop = at + end - start;
    if (bytes[stop] !== BYTE.blank) return false;
    let index = start;
    let own = at;
    for (; index + WORD_BYTES <= end; index += WORD_BYTES, own += WORD_BYTES) {
      if (view.getInt32(index, true) !== view.getInt32(own, true)) return false;
    }
    for (; index < end; index++, own++) if (bytes[index] !== bytes[own]) return false;
    this.at = stop;
    return true;
  }

  /** The text at `[start, end)`, of four bytes or more, for {@link take}. */
  spellingOf(start: number, end: number): Spelling {
    const length = end - start;
    const words = new Int32Array(Math.ceil(length / WORD_BYTES));
    for (let index = 0; index < words.length; index++) {
      words[index] = this.view.getInt32(start + Math.min(index * WORD_BYTES, length - WORD_BYTES), true);
    }
    return { words, length };
  }

  takeByte(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes over one blank or more; false if there is none. */
  takeBlanks(): boolean {
    const start = this.at;
    while (this.bytes[this.at] === BYTE.blank) this.at++;
    return this.at > start;
  }

  /**
   * Passes over at most `maxDigits` hexadecimal digits. Returns the low 32 bits of their number; 0 if there are none.
   */
  hexadecimal(maxDigits: number): number {
    const { bytes, at: start } = this;
    let at = start;
    let value = 0;
    for (
      let digit = hexDigit(bytes[at]);
      digit >= 0 && at - start < maxDigits;
      digit = hexDigit(bytes[++at])
    ) {
      value = (value << 4) | digit;
    }
    this.at = at;
    return value;
  }

  /** Passes over a decimal number of at most fifteen digits and returns its exact value, or else {@link NO_NUMBER}. */
  decimal(): number {
    const { bytes, at: start } = this;
    let at = start;
    let value = 0;
    for (let digit = digitOf(bytes[at]); digit <= 9; digit = digitOf(bytes[++at])) {
      // Integer arithmetic: a double would have to wait for the digit before. A number that does not fit is read again.
      value = (Math.imul(value, 10) + digit) | 0;
    }
    this.at = at;
    const digits = at - start;
    if (digits <= INT32_DIGITS) return digits === 0 ? NO_NUMBER : value;
    return digits > EXACT_DIGITS ? NO_NUMBER : this.long(start);
  }

  /** The number whose digits start at `start` and end at the cursor. */
  private long(start: number): number {
    let value = 0;
    for (let at = start; at < this.at; at++) value = value * 10 + digitOf(this.bytes[at]);
    return value;
  }
}

/** The decimal digit that a byte is; above 9 if it is none. */
export function digitOf(byte: number | undefined): number {
  // ASCII digits are 0x30 to 0x39, so one operation and one comparison check both bounds.
  return (byte ?? 0) ^ BYTE.zero;
}

/** The hexadecimal digit, of either case, that a byte is; -1 if it is none. */
export function hexDigit(byte: number | undefined): number {
  const digit = digitOf(byte);
  if (digit <= 9) return digit;
  const letter = ((byte ?? 0) | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}
