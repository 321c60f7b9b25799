import { BYTE } from './bytes.js';

/** What {@link Cursor} returns where no number of the kind stands. */
export const NO_NUMBER: number = -1;

const WORD_BYTES = 4;
/** So many decimal digits a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
/** So many decimal digits fit 32 bits, whatever they are. */
const INT32_DIGITS = 9;
const INT32_MAX = 2147483647;

/** A text of four to eight bytes as two words, which overlap where it is shorter than eight. */
export interface Spelling {
  readonly first: number;
  readonly last: number;
  /** Where {@link last} starts. */
  readonly lastAt: number;
  readonly length: number;
}

/** What {@link Cursor.take} looks for. @throws RangeError unless `text` has four to eight bytes */
export function spelling(text: string): Spelling {
  const bytes = Buffer.from(text, 'latin1');
  const lastAt = bytes.length - WORD_BYTES;
  if (lastAt > WORD_BYTES) throw new RangeError(`"${text}" is longer than two words`);
  return { first: bytes.readInt32LE(0), last: bytes.readInt32LE(lastAt), lastAt, length: bytes.length };
}

/**
 * Steps through the bytes of one line without making objects or strings.
 *
 * Every loop ends at a byte that it does not take, and none takes a newline: as long as one lies ahead nothing here runs
 * beyond the bytes, and no loop needs to compare its position with their end.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Behind this there are fewer bytes than {@link take} loads. */
  private lastSpelling = -1;

  /** The byte that stands here. */
  get byte(): number {
    return this.bytes[this.at] ?? BYTE.newline;
  }

  /** Starts at `at` of `bytes`. */
  start(bytes: Uint8Array, at: number): void {
    this.at = at;
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.lastSpelling = bytes.byteLength - 2 * WORD_BYTES;
  }

  /**
   * Passes over a text where exactly that stands here.
   *
   * Words, as comparing byte by byte took a third of the time of reading a table. In the last bytes of all it finds nothing.
   */
  take(text: Spelling): boolean {
    const { at, view } = this;
    if (at > this.lastSpelling || view.getInt32(at, true) !== text.first) return false;
    if (view.getInt32(at + text.lastAt, true) !== text.last) return false;
    this.at = at + text.length;
    return true;
  }

  takeByte(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes over one blank or more; false where there is none. */
  takeBlanks(): boolean {
    const start = this.at;
    while (this.bytes[this.at] === BYTE.blank) this.at++;
    return this.at > start;
  }

  /** A decimal number of at most nine digits and at most `max`, or {@link NO_NUMBER}; stops behind its digits. */
  small(max: number): number {
    const { bytes, at: start } = this;
    let at = start;
    let value = 0;
    for (let digit = digitOf(bytes[at]); digit <= 9; digit = digitOf(bytes[++at])) {
      value = (Math.imul(value, 10) + digit) | 0;
    }
    this.at = at;
    return at === start || at - start > INT32_DIGITS || value > max ? NO_NUMBER : value;
  }

  /** A decimal number of at most fifteen digits, which is exact, or {@link NO_NUMBER}; stops behind its digits. */
  exact(): number {
    const { bytes, at: start } = this;
    const short = this.small(INT32_MAX);
    if (short !== NO_NUMBER || this.at === start || this.at - start > EXACT_DIGITS) return short;
    let value = 0;
    for (let at = start; at < this.at; at++) value = value * 10 + digitOf(bytes[at]);
    return value;
  }
}

/** The decimal digit that a byte is; above 9 where it is none. */
export function digitOf(byte: number | undefined): number {
  // ASCII digits are 0x30 to 0x39: one operation and one comparison for both bounds.
  return (byte ?? 0) ^ BYTE.zero;
}
