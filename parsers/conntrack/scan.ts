import { BYTE } from '../bytes.js';
import { Cursor, NO_NUMBER, spelling } from '../cursor.js';
import { MAX_LINE_BYTES } from '../lines.js';
import { scanAddress } from '../scan-address.js';
import type { TupleForm } from './protocols.js';
import {
  FAMILY,
  scanFamily,
  scanProtocolName,
  scanProtocolNumber,
  scanState,
  skipTimeout,
  STATE,
} from './scan-head.js';
import { skipTail } from './scan-tail.js';

const SRC = spelling('src=');
const DST = spelling('dst=');
const SPORT = spelling('sport=');
const DPORT = spelling('dport=');
const TYPE = spelling('type=');
const CODE = spelling('code=');
const ID = spelling(' id=');
const PACKETS = spelling('packets=');
const BYTES = spelling('bytes=');
const UNREPLIED = spelling('[UNREPL');
const UNREPLIED_END = spelling('IED] ');

const U8_MAX = 255;
const U16_MAX = 65535;
const WORDS_PER_ADDRESS = 4;
const ORIGINAL = 0;
const REPLY = 1;

/** What {@link ConntrackScanner.scan} returns for a line that it does not take. */
export const DECLINED: number = -1;

/**
 * Reads the entries that real kernels print, in numbers and in one pass, without making an object or a string.
 *
 * What a line means is defined by `tryParseConntrackLine`; this takes the common shapes of it, in their usual order, and
 * declines every other line, which then goes the long way. A property test holds the two together.
 */
export class ConntrackScanner {
  /** Of the protocol; the name in the line agrees with it. */
  protocolNumber = 0;
  /** What the tuples hold besides addresses. */
  form: TupleForm = 'none';
  isIpv6 = false;
  /** Whether the state is `SYN_SENT`. */
  isSynSent = false;
  hasCounters = false;
  /** Source and destination of the original, then of the reply: four words each, of which IPv4 uses the first. */
  readonly addresses: Int32Array = new Int32Array(4 * WORDS_PER_ADDRESS);
  /** Source and destination port of the original, then of the reply, where `form` is `ports`. */
  readonly ports: Int32Array = new Int32Array(4);
  /** Packets and bytes of the original, then of the reply, where `hasCounters`. */
  readonly counters: Float64Array = new Float64Array(4);
  private readonly cursor = new Cursor();

  /**
   * Reads the line that starts at `start`, and has a newline.
   * @returns where its newline is, or {@link DECLINED}
   */
  scan(bytes: Uint8Array, start: number): number {
    const { cursor } = this;
    cursor.start(bytes, start);
    const isRead =
      this.scanHead() &&
      cursor.take(SRC) &&
      this.scanTuple(ORIGINAL) &&
      this.scanReply() &&
      skipTail(cursor) &&
      cursor.at - start <= MAX_LINE_BYTES;
    return isRead ? cursor.at : DECLINED;
  }

  private scanHead(): boolean {
    const { cursor } = this;
    const family = scanFamily(cursor);
    const protocol = scanProtocolName(cursor);
    if (family === FAMILY.unread || protocol === undefined) return false;
    this.protocolNumber = scanProtocolNumber(cursor, protocol);
    this.form = protocol.form;
    if (this.protocolNumber === NO_NUMBER || !skipTimeout(cursor)) return false;
    const state = protocol.stateful ? scanState(cursor) : STATE.none;
    this.isSynSent = state === STATE.synSent;
    this.isIpv6 = family === FAMILY.ipv6 || (family === FAMILY.unnamed && this.firstAddressIsIpv6());
    return state !== STATE.unread;
  }

  /** Whether the address behind `src=` has a colon before any dot. */
  private firstAddressIsIpv6(): boolean {
    const { bytes, at } = this.cursor;
    for (let index = at + SRC.length; ; index++) {
      const byte = bytes[index];
      if (byte === BYTE.colon) return true;
      if (byte === BYTE.dot || byte === BYTE.newline || byte === undefined) return false;
    }
  }

  /** From behind the original's tuple to the end of the reply's counters: both directions have them, or none. */
  private scanReply(): boolean {
    const { cursor } = this;
    if (!cursor.takeBlanks()) return false;
    this.hasCounters = cursor.take(PACKETS);
    if (this.hasCounters && !(this.scanCounters(ORIGINAL) && cursor.takeBlanks())) return false;
    if (cursor.take(UNREPLIED) && !cursor.take(UNREPLIED_END)) return false;
    if (!cursor.take(SRC) || !this.scanTuple(REPLY)) return false;
    return !this.hasCounters || (cursor.takeBlanks() && cursor.take(PACKETS) && this.scanCounters(REPLY));
  }

  /** A tuple from its source address on. */
  private scanTuple(direction: number): boolean {
    const { cursor, addresses, isIpv6, form } = this;
    const source = direction * 2;
    return (
      scanAddress(cursor, isIpv6, addresses, source * WORDS_PER_ADDRESS) &&
      cursor.takeBlanks() &&
      cursor.take(DST) &&
      scanAddress(cursor, isIpv6, addresses, (source + 1) * WORDS_PER_ADDRESS) &&
      (form === 'ports' ? this.scanPorts(source) : form === 'none' || this.skipIcmp())
    );
  }

  private scanPorts(source: number): boolean {
    const { cursor, ports } = this;
    if (!cursor.takeBlanks() || !cursor.take(SPORT)) return false;
    const sourcePort = cursor.small(U16_MAX);
    if (sourcePort === NO_NUMBER || !cursor.takeBlanks() || !cursor.take(DPORT)) return false;
    const destinationPort = cursor.small(U16_MAX);
    ports[source] = sourcePort;
    ports[source + 1] = destinationPort;
    return destinationPort !== NO_NUMBER;
  }

  private skipIcmp(): boolean {
    const { cursor } = this;
    return (
      cursor.takeBlanks() &&
      cursor.take(TYPE) &&
      cursor.small(U8_MAX) !== NO_NUMBER &&
      cursor.takeBlanks() &&
      cursor.take(CODE) &&
      cursor.small(U8_MAX) !== NO_NUMBER &&
      cursor.take(ID) &&
      cursor.small(U16_MAX) !== NO_NUMBER
    );
  }

  /** The counters of a direction from the number of packets on. */
  private scanCounters(direction: number): boolean {
    const { cursor, counters } = this;
    const packets = cursor.exact();
    if (packets === NO_NUMBER || !cursor.takeBlanks() || !cursor.take(BYTES)) return false;
    const bytes = cursor.exact();
    counters[direction * 2] = packets;
    counters[direction * 2 + 1] = bytes;
    return bytes !== NO_NUMBER;
  }
}
