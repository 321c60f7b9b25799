import { BYTE, isBlank } from '../bytes.js';
import { Cursor, digitOf, NO_NUMBER, spelling, type Spelling } from '../cursor.js';
import { MAX_LINE_BYTES } from '../lines.js';
import { scanAddress } from '../scan-address.js';
import {
  ADDRESS,
  COUNTERS,
  HEADS,
  IPV4_PREFIX,
  IPV6_PREFIX,
  REST,
  type ScannedField,
  type ScannedHead,
  SYN_SENT,
  TEXT,
  TUPLES,
  UNREPLIED,
} from './scan-shapes.js';

const WORDS_PER_ADDRESS = 4;
const REPLY_SOURCE = 2 * WORDS_PER_ADDRESS;

const NO_FIELD: ScannedField = { key: spelling('none'), max: 0 };

/** So many rests of lines are remembered, the first ones: a frequent one is soon among them. And of these lengths. */
const MOST_RESTS = 6;
const SHORTEST_REST = 4;
const LONGEST_REST = 64;

/** Where the numbers start that {@link ConntrackScanner.numbers} holds. */
export const SCANNED = {
  /** The original tuple's: source and destination port where it has ports. */
  original: 0,
  /** The reply tuple's. */
  reply: 3,
  /** Packets and bytes of the original. */
  originalCounters: 6,
  /** Packets and bytes of the reply. */
  replyCounters: 8,
} as const;

/** What {@link ConntrackScanner.scan} returns for a line that it does not take. */
export const DECLINED: number = -1;

/**
 * Reads the entries that real kernels print, in numbers and in one pass, without making an object or a string.
 *
 * What a line means is defined by `tryParseConntrackLine`; this takes the shapes of `scan-shapes.ts`, and declines every
 * other line, which then goes the long way. A property test holds the two together. All fields go through one loop: the
 * less code there is, the sooner it is compiled, and of a table with 200,000 entries that is half the time.
 */
export class ConntrackScanner {
  /** The protocol, and what its tuples hold. */
  head: Omit<ScannedHead, 'text'> = { protocolNumber: 0, form: 'none', stateful: false };
  isIpv6 = false;
  /** Whether the state is `SYN_SENT`. */
  isSynSent = false;
  hasCounters = false;
  /** Source and destination of the original, then of the reply: four words each, of which IPv4 uses the first. */
  readonly addresses: Int32Array = new Int32Array(16);
  /** The numbers of the tuples and the counters, each from its {@link SCANNED} on. */
  readonly numbers: Float64Array = new Float64Array(10);
  private readonly cursor = new Cursor();
  /** Where the values of the fields start and end, each from its {@link SCANNED} on. */
  private readonly starts = new Int32Array(10);
  private readonly ends = new Int32Array(10);
  /** What followed the reply in earlier lines, newline included: most lines of a table have one of few. */
  private readonly rests: Spelling[] = [];

  /**
   * Reads the line that starts at `start`, and has a newline.
   * @returns where its newline is, or {@link DECLINED}
   */
  scan(bytes: Uint8Array, start: number): number {
    const { cursor } = this;
    cursor.start(bytes, start);
    if (!this.scanHead()) return DECLINED;
    const tuple = TUPLES[this.head.form];
    if (!this.scanFields(tuple, SCANNED.original, 0) || !this.scanAccounting()) return DECLINED;
    cursor.take(UNREPLIED);
    const isMirrored = tuple === TUPLES.ports && this.scanMirrored();
    if (!isMirrored && !this.scanFields(tuple, SCANNED.reply, REPLY_SOURCE)) return DECLINED;
    if (this.hasCounters && !this.scanFields(COUNTERS, SCANNED.replyCounters, 0)) return DECLINED;
    return this.takeRest() && cursor.at - start <= MAX_LINE_BYTES ? cursor.at : DECLINED;
  }

  /** Up to the timeout and the state, where there are such; everything behind it starts with a blank. */
  private scanHead(): boolean {
    const { cursor } = this;
    this.isIpv6 = cursor.take(IPV6_PREFIX);
    const hasPrefix = this.isIpv6 || cursor.take(IPV4_PREFIX);
    const head = this.findHead();
    if (head === undefined) return false;
    this.head = head;
    const hasTimeout = cursor.byte === BYTE.blank && digitOf(cursor.bytes[cursor.at + 1]) <= 9;
    if (hasTimeout) {
      cursor.at++;
      if (cursor.decimal() === NO_NUMBER) return false;
    }
    this.isSynSent = head.stateful && this.scanState();
    if (!hasPrefix) this.isIpv6 = this.isIpv6Ahead();
    return true;
  }

  private findHead(): ScannedHead | undefined {
    for (const head of HEADS) {
      if (this.cursor.take(head.text)) return head;
    }
    return undefined;
  }

  /** Passes over a name such as `ESTABLISHED`, where there is one; whether it is `SYN_SENT`. */
  private scanState(): boolean {
    const { cursor } = this;
    const { bytes } = cursor;
    if (cursor.byte !== BYTE.blank || !isUpperCase(bytes[cursor.at + 1])) return false;
    let end = cursor.at + 2;
    while (isUpperCase(bytes[end]) || bytes[end] === BYTE.underscore || digitOf(bytes[end]) <= 9) end++;
    const isSynSent = cursor.take(SYN_SENT) && cursor.at === end;
    cursor.at = end;
    return isSynSent;
  }

  /** Whether a colon comes before any dot. */
  private isIpv6Ahead(): boolean {
    const { bytes, at } = this.cursor;
    for (let index = at; ; index++) {
      const byte = bytes[index];
      if (byte === BYTE.colon) return true;
      if (byte === BYTE.dot || byte === BYTE.newline) return false;
    }
  }

  /** The original's counters, where there are any; false where there is half of them. */
  private scanAccounting(): boolean {
    const { at } = this.cursor;
    this.hasCounters = this.scanFields(COUNTERS, SCANNED.originalCounters, 0);
    return this.hasCounters || this.cursor.at === at;
  }

  /** Reads all of `fields`: numbers from `numbers[slot]` on, addresses from `addresses[word]` on. */
  private scanFields(fields: readonly ScannedField[], slot: number, word: number): boolean {
    const { cursor, numbers, starts, ends } = this;
    let nextSlot = slot;
    let nextWord = word;
    for (let index = 0; index < fields.length; index++) {
      const { key, max } = fields[index] ?? NO_FIELD;
      if (!cursor.take(key)) return false;
      starts[slot + index] = cursor.at;
      if (max === ADDRESS) {
        if (!scanAddress(cursor, this.isIpv6, this.addresses, nextWord)) return false;
        nextWord += WORDS_PER_ADDRESS;
      } else {
        const value = cursor.decimal();
        if (value === NO_NUMBER || value > max) return false;
        numbers[nextSlot++] = value;
      }
      ends[slot + index] = cursor.at;
    }
    return true;
  }

  /**
   * Without NAT the reply has the original's ends the other way round, in the same spelling: comparing takes a third of
   * the time of reading. False, and the cursor where it was, in any other case.
   */
  private scanMirrored(): boolean {
    const { cursor, starts, ends, addresses, numbers } = this;
    const start = cursor.at;
    for (let index = 0; index < TUPLES.ports.length; index++) {
      const { key } = TUPLES.ports[index] ?? NO_FIELD;
      // Fields come in pairs, source and destination: the other one of the pair.
      const other = SCANNED.original + (index ^ 1);
      if (!cursor.take(key) || !cursor.takeCopy(starts[other] ?? 0, ends[other] ?? 0)) {
        cursor.at = start;
        return false;
      }
    }
    for (let word = 0; word < WORDS_PER_ADDRESS; word++) {
      addresses[REPLY_SOURCE + word] = addresses[WORDS_PER_ADDRESS + word] ?? 0;
      addresses[REPLY_SOURCE + WORDS_PER_ADDRESS + word] = addresses[word] ?? 0;
    }
    numbers[SCANNED.reply] = numbers[SCANNED.original + 1] ?? 0;
    numbers[SCANNED.reply + 1] = numbers[SCANNED.original] ?? 0;
    return true;
  }

  /** What {@link skipRest} does, in one go where the same rest was seen before. */
  private takeRest(): boolean {
    const { cursor, rests } = this;
    const start = cursor.at;
    for (const rest of rests) {
      if (!cursor.take(rest)) continue;
      cursor.at--;
      return true;
    }
    if (!this.skipRest()) return false;
    const length = cursor.at + 1 - start;
    if (rests.length < MOST_RESTS && length >= SHORTEST_REST && length <= LONGEST_REST) {
      rests.push(cursor.spellingOf(start, cursor.at + 1));
    }
    return true;
  }

  /** Passes over flags and over fields that change nothing, up to the newline; false where anything else is there. */
  private skipRest(): boolean {
    const { cursor } = this;
    if (!isBlank(cursor.byte)) return false;
    for (;;) {
      const { byte } = cursor;
      if (byte === BYTE.newline) return true;
      if (byte === BYTE.leftBracket) {
        if (!this.skipFlag()) return false;
      } else if (!isBlank(byte)) return false;
      else if (!this.skipField()) cursor.at++;
    }
  }

  /** Any flag: none that may stand here matters, and an unknown one is no fault. */
  private skipFlag(): boolean {
    const { cursor } = this;
    const { bytes } = cursor;
    let { at } = cursor;
    while (bytes[at] !== BYTE.rightBracket) {
      if (bytes[at] === BYTE.newline) return false;
      at++;
    }
    cursor.at = at + 1;
    return true;
  }

  /** Passes over a blank and a known field; false where none is. Where its value is wrong the cursor is at no blank. */
  private skipField(): boolean {
    const { cursor } = this;
    for (const { key, max } of REST) {
      if (!cursor.take(key)) continue;
      const start = cursor.at;
      if (max === TEXT) while (!isBlank(cursor.byte)) cursor.at++;
      else {
        const value = cursor.decimal();
        if (value === NO_NUMBER || value > max || !isBlank(cursor.byte)) cursor.at = start - 1;
      }
      return true;
    }
    return false;
  }
}

function isUpperCase(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}
