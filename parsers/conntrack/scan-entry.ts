import { BYTE, isBlank } from '../bytes.js';
import { Cursor, digitOf, NO_NUMBER, spelling, type Spelling } from '../cursor.js';
import { MAX_LINE_BYTES } from '../lines.js';
import { scanAddress } from '../scan-address.js';
import {
  ADDRESS,
  COUNTERS,
  HEADS,
  IPV4_PREFIX,
  HW_OFFLOAD,
  IPV6_PREFIX,
  OFFLOAD,
  REST,
  type ScannedField,
  type ScannedHead,
  SYN_SENT,
  TEXT,
  TUPLES,
  UNREPLIED,
  ZONE,
} from './scan-shapes.js';

const WORDS_PER_ADDRESS = 4;
const REPLY_SOURCE = 2 * WORDS_PER_ADDRESS;

/** The text after the reply in an earlier line, newline included, and its effect. */
interface Rest {
  text: Spelling;
  zone: number;
  isOffloaded: boolean;
}

const NO_FIELD: ScannedField = { key: spelling('none'), max: 0 };

/** The scanner remembers the first few rests of lines, of these lengths. A frequent rest is soon among them. */
const MOST_RESTS = 6;
const SHORTEST_REST = 4;
const LONGEST_REST = 64;

/** The indexes at which the groups of numbers in {@link ConntrackScanner.numbers} start. */
export const SCANNED = {
  /** The original tuple: source and destination port if it has ports. */
  original: 0,
  /** The reply tuple. */
  reply: 3,
  /** Packets and bytes of the original. */
  originalCounters: 6,
  /** Packets and bytes of the reply. */
  replyCounters: 8,
} as const;

/** The result of {@link ConntrackScanner.scan} for a line that it does not take. */
export const DECLINED: number = -1;

/**
 * Reads the entries that real kernels print, into numbers and in one pass, without making an object or a string.
 *
 * `tryParseConntrackLine` defines the meaning of a line. This class takes the shapes in `scan-shapes.ts` and declines
 * every other line, which the caller parses with `tryParseConntrackLine`. A property test compares the two.
 *
 * All fields go through one loop. Less code is compiled sooner, which is half the time for a table of 200,000 entries.
 */
export class ConntrackScanner {
  /** The protocol and the form of its tuples. */
  head: Omit<ScannedHead, 'text'> = { protocolNumber: 0, form: 'none', stateful: false };
  isIpv6 = false;
  /** True if the state is `SYN_SENT`. */
  isSynSent = false;
  hasCounters = false;
  /** The zone of both directions; 0 if there is none. */
  zone = 0;
  private hasZone = false;
  /** True if a flowtable or hardware handles the connection. Its counters can stand still. */
  isOffloaded = false;
  /** Source and destination of the original, then of the reply, four words each. IPv4 uses only the first. */
  readonly addresses: Int32Array = new Int32Array(16);
  /** The numbers of the tuples and the counters, each group from its index in {@link SCANNED} on. */
  readonly numbers: Float64Array = new Float64Array(10);
  private readonly cursor = new Cursor();
  /** The positions at which the values of the fields start and end, each group from its index in {@link SCANNED} on. */
  private readonly starts = new Int32Array(10);
  private readonly ends = new Int32Array(10);
  /** The texts after the reply in earlier lines, newline included. Most lines of a table share a few of them. */
  private readonly rests: Rest[] = [];

  /**
   * Reads the line that starts at `start` and ends with a newline.
   * @returns the position of its newline, or {@link DECLINED}
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

  /** Reads up to the optional timeout and state. Everything after them starts with a blank. */
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

  /** Passes over a name such as `ESTABLISHED`, if there is one. True if it is `SYN_SENT`. */
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

  /** True if a colon comes before any dot. */
  private isIpv6Ahead(): boolean {
    const { bytes, at } = this.cursor;
    for (let index = at; ; index++) {
      const byte = bytes[index];
      if (byte === BYTE.colon) return true;
      if (byte === BYTE.dot || byte === BYTE.newline) return false;
    }
  }

  /** Reads the original's counters, if there are any; false if only a part of them is there. */
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
   * Reads a reply that has the original's ends reversed and in the same spelling, as without NAT. Comparing takes a
   * third of the time of reading. In any other case returns false and leaves the cursor in place.
   */
  private scanMirrored(): boolean {
    const { cursor, starts, ends, addresses, numbers } = this;
    const start = cursor.at;
    for (let index = 0; index < TUPLES.ports.length; index++) {
      const { key } = TUPLES.ports[index] ?? NO_FIELD;
      // Fields come in pairs of source and destination. This is the other one of the pair.
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

  /** Does the same as {@link skipRest}, but in one step if the same rest occurred before. */
  private takeRest(): boolean {
    const { cursor, rests } = this;
    const start = cursor.at;
    for (const rest of rests) {
      if (!cursor.take(rest.text)) continue;
      cursor.at--;
      this.zone = rest.zone;
      this.isOffloaded = rest.isOffloaded;
      return true;
    }
    this.zone = 0;
    this.hasZone = false;
    this.isOffloaded = false;
    if (!this.skipRest()) return false;
    const length = cursor.at + 1 - start;
    if (rests.length < MOST_RESTS && length >= SHORTEST_REST && length <= LONGEST_REST) {
      const { zone, isOffloaded } = this;
      rests.push({ text: cursor.spellingOf(start, cursor.at + 1), zone, isOffloaded });
    }
    return true;
  }

  /** Passes over flags and over fields without effect, up to the newline; false if anything else is there. */
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

  /** Passes over any flag. An unknown one is no fault. */
  private skipFlag(): boolean {
    const { cursor } = this;
    const { bytes } = cursor;
    let { at } = cursor;
    if (cursor.take(OFFLOAD) || cursor.take(HW_OFFLOAD)) this.isOffloaded = true;
    while (bytes[at] !== BYTE.rightBracket) {
      if (bytes[at] === BYTE.newline) return false;
      at++;
    }
    cursor.at = at + 1;
    return true;
  }

  /** Passes over a blank and a known field; false if there is none. After a wrong value the cursor is at no blank. */
  private skipField(): boolean {
    const { cursor } = this;
    for (const field of REST) {
      const { key, max } = field;
      if (!cursor.take(key)) continue;
      const start = cursor.at;
      if (max === TEXT) while (!isBlank(cursor.byte)) cursor.at++;
      else {
        const value = cursor.decimal();
        if (value === NO_NUMBER || value > max || !isBlank(cursor.byte)) cursor.at = start - 1;
        else if (field === ZONE && !this.hasZone) {
          this.zone = value;
          this.hasZone = true;
        }
      }
      return true;
    }
    return false;
  }
}

function isUpperCase(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}
