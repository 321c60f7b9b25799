import { BYTE } from '../bytes.js';
import { Cursor, hexDigit, NO_NUMBER } from '../cursor.js';
import type { ByteOrder } from './socket-entry.js';

const WORD_DIGITS = 8;
const WORDS_IPV6 = 4;
const PORT_DIGITS = 4;
const STATE_DIGITS = 2;
const U32_DIGITS = 8;
const U64_DIGITS = 16;
/** Number of columns after the kernel address: of TCP, of UDP and raw sockets, of rows that end with that address. */
const TAILS: readonly number[] = [5, 1, 0];
/** The indexes of those columns that some kernels print signed: UDP's drops, TCP's slow start threshold. */
const MAY_BE_SIGNED: readonly number[] = [0, 4];
/** Any number of this many decimal digits is in the range of every column. */
const DECIMAL_DIGITS = 9;

/** The result of {@link SocketScanner.scan} for a line that it does not take. */
export const DECLINED: number = -1;

/**
 * Reads the rows of socket tables as kernels print them, into numbers and in one pass, without objects or strings.
 *
 * `tryParseSocketLine` defines the meaning of a row. This class declines every row that it cannot take for certain, and
 * the caller parses that row with `tryParseSocketLine`. A property test compares the two.
 */
export class SocketScanner {
  isIpv6 = false;
  /** `st`, the kernel's number of the state. */
  stateNumber = 0;
  localPort = 0;
  remotePort = 0;
  /** The local and then the remote address in network order, four words each. IPv4 uses only the first. */
  readonly addresses: Int32Array = new Int32Array(2 * WORDS_IPV6);
  private readonly cursor = new Cursor();
  private readonly isLittle: boolean;

  constructor(byteOrder: ByteOrder) {
    this.isLittle = byteOrder === 'little';
  }

  /**
   * Reads the row that starts at `start` and ends with a newline.
   * @returns the position of its newline, or {@link DECLINED}
   */
  scan(bytes: Uint8Array, start: number): number {
    const { cursor } = this;
    cursor.start(bytes, start);
    cursor.takeBlanks();
    const isTaken =
      this.decimal() &&
      cursor.takeByte(BYTE.colon) &&
      this.scanEnds() &&
      this.skipQueues() &&
      this.skipOwner() &&
      this.skipTail();
    return isTaken ? cursor.at : DECLINED;
  }

  private scanEnds(): boolean {
    const { cursor } = this;
    if (!cursor.takeBlanks()) return false;
    const localWords = this.scanWords(0);
    this.localPort = this.port();
    if (this.localPort < 0 || !cursor.takeBlanks()) return false;
    const remoteWords = this.scanWords(WORDS_IPV6);
    this.remotePort = this.port();
    this.isIpv6 = localWords === WORDS_IPV6;
    return (localWords === 1 || this.isIpv6) && localWords === remoteWords && this.remotePort >= 0;
  }

  /** Reads an address into `addresses[slot…]`. Returns its number of words; 0 if there is no address. */
  private scanWords(slot: number): number {
    const { cursor, addresses } = this;
    let words = 0;
    while (words < WORDS_IPV6 && hexDigit(cursor.byte) >= 0) {
      const start = cursor.at;
      const word = cursor.hexadecimal(WORD_DIGITS);
      if (cursor.at - start !== WORD_DIGITS) return 0;
      addresses[slot + words++] = this.isLittle ? swapBytes(word) : word;
    }
    return words;
  }

  /** Reads a colon and a port; negative if they are missing. */
  private port(): number {
    if (!this.cursor.takeByte(BYTE.colon)) return NO_NUMBER;
    const start = this.cursor.at;
    const port = this.cursor.hexadecimal(PORT_DIGITS);
    return this.cursor.at === start ? NO_NUMBER : port;
  }

  /** Reads the state and skips the columns up to `retrnsmt`. */
  private skipQueues(): boolean {
    const { cursor } = this;
    if (!cursor.takeBlanks()) return false;
    const start = cursor.at;
    this.stateNumber = cursor.hexadecimal(STATE_DIGITS);
    return (
      cursor.at > start &&
      this.hexadecimals(U32_DIGITS, U32_DIGITS) &&
      this.hexadecimals(U32_DIGITS, U64_DIGITS) &&
      cursor.takeBlanks() &&
      this.hexadecimal(U32_DIGITS)
    );
  }

  /** Skips a blank and two numbers with a colon between them. */
  private hexadecimals(digits: number, otherDigits: number): boolean {
    const { cursor } = this;
    return (
      cursor.takeBlanks() &&
      this.hexadecimal(digits) &&
      cursor.takeByte(BYTE.colon) &&
      this.hexadecimal(otherDigits)
    );
  }

  private hexadecimal(digits: number): boolean {
    const start = this.cursor.at;
    this.cursor.hexadecimal(digits);
    return this.cursor.at > start;
  }

  /** Skips the columns from the user to the kernel address, which may be any text. */
  private skipOwner(): boolean {
    const { cursor } = this;
    for (let column = 0; column < 4; column++) {
      if (!cursor.takeBlanks() || !this.decimal()) return false;
    }
    if (!cursor.takeBlanks() || cursor.byte === BYTE.newline) return false;
    while (cursor.byte > BYTE.blank) cursor.at++;
    return true;
  }

  /** Skips the columns after the kernel address. True if their number fits a kind of socket and all are numbers. */
  private skipTail(): boolean {
    const { cursor } = this;
    for (let columns = 0; ; columns++) {
      const hasBlanks = cursor.takeBlanks();
      if (cursor.byte === BYTE.newline) return TAILS.includes(columns);
      if (!hasBlanks) return false;
      const isSigned = cursor.takeByte(BYTE.minus);
      if (!this.decimal() || (isSigned && !MAY_BE_SIGNED.includes(columns))) return false;
    }
  }

  /** Skips an unsigned number that is short enough for any column. */
  private decimal(): boolean {
    const start = this.cursor.at;
    return this.cursor.decimal() !== NO_NUMBER && this.cursor.at - start <= DECIMAL_DIGITS;
  }
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
