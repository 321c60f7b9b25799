import { unmapIpv4 } from '../address.js';
import { ParseError, type ParseResult } from '../parse-error.js';
import {
  decodeAddress,
  fault,
  type Piece,
  readHex,
  readHex64,
  readSigned,
  readUnsigned,
  readUnsigned64,
  Row,
  splitPair,
} from './row.js';
import {
  type ByteOrder,
  type SocketBase,
  type SocketEnd,
  type SocketEntry,
  type SocketState,
  TCP_STATE_NAMES,
} from './socket-entry.js';

/** Options for reading the rows of a socket table. */
export interface SocketParseOptions {
  /** Byte order of the host that printed the table; `little` by default. */
  byteOrder?: ByteOrder;
  /** Converts `::ffff:10.0.0.1` to `10.0.0.1`; off by default. */
  unmapIpv4?: boolean;
}

/** True for the first line of a socket table, which has the names of the columns. */
export function isSocketHeader(line: string): boolean {
  return /^[ \t]*sl[ \t]+local_address\b/.test(line);
}

/**
 * Like {@link tryParseSocketLine}, but throws.
 *
 * @throws ParseError if the line is no such row
 */
export function parseSocketLine(line: string, options: SocketParseOptions = {}): SocketEntry {
  const row = new Row(line);
  const base = readBase(row, options);
  const entry = readTail(row, base);
  const extra = row.takeRest();
  return extra.length === 0 ? entry : { ...entry, extra };
}

/**
 * Reads one row of `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}`. A malformed row gives
 * `{ ok: false, error }`.
 *
 * Source: `Documentation/networking/proc_net_tcp.rst`; `tcp4_seq_show`, `udp4_seq_show` and their IPv6 counterparts.
 */
export function tryParseSocketLine(line: string, options: SocketParseOptions = {}): ParseResult<SocketEntry> {
  try {
    return { ok: true, value: parseSocketLine(line, options) };
  } catch (error) {
    if (error instanceof ParseError) return { ok: false, error };
    throw error;
  }
}

function readBase(row: Row, options: SocketParseOptions): SocketBase {
  const slot = readSlot(row);
  const local = readEnd(row, 'local_address', options);
  const remote = readEnd(row, 'rem_address', options);
  if (local.family !== remote.family) {
    throw fault(
      'mixed-families',
      'rem_address',
      remote.piece,
      `an ${local.family} address like the local one`,
    );
  }
  const stateNumber = readHex('st', row.take('st', 'a state'), 0xff);
  const state: SocketState | undefined = TCP_STATE_NAMES[stateNumber];
  const [tx, rx] = splitPair(row.take('tx_queue', 'tx_queue:rx_queue'), 'rx_queue', ':rx_queue');
  const [timer, when] = splitPair(row.take('tr', 'tr:tm->when'), 'tm->when', ':tm->when');
  return {
    slot,
    family: local.family,
    local: local.end,
    remote: remote.end,
    stateNumber,
    ...(state && { state }),
    txQueue: readHex('tx_queue', tx),
    rxQueue: readHex('rx_queue', rx),
    timer: readHex('tr', timer),
    timerExpires: readHex64('tm->when', when),
    retransmits: readHex('retrnsmt', row.take('retrnsmt', 'a count')),
    uid: readSigned('uid', row.take('uid', 'a user id')) >>> 0,
    timeout: readSigned('timeout', row.take('timeout', 'a count')),
    inode: readUnsigned64('inode', row.take('inode', 'an inode number')),
    references: readSigned('ref', row.take('ref', 'a count')),
    pointer: row.take('pointer', 'a kernel address').text,
  };
}

function readSlot(row: Row): number {
  if (row.left === 0) {
    throw new ParseError({ code: 'empty-line', field: 'line', column: 1, text: '', expected: 'a socket' });
  }
  const piece = row.take('sl', 'a row number');
  if (!/^\d+:$/.test(piece.text)) {
    throw fault('not-socket', 'sl', piece, 'a row number and a colon');
  }
  return readUnsigned('sl', { text: piece.text.slice(0, -1), column: piece.column });
}

function readEnd(
  row: Row,
  field: string,
  options: SocketParseOptions,
): { end: SocketEnd; family: 'ipv4' | 'ipv6'; piece: Piece } {
  const piece = row.take(field, 'address:port');
  const [words, port] = splitPair(piece, field, ':port');
  const address = decodeAddress(words.text, options.byteOrder ?? 'little');
  if (address === undefined) throw fault('invalid-address', field, words, '8 or 32 hexadecimal digits');
  return {
    end: { address: options.unmapIpv4 ? unmapIpv4(address) : address, port: readHex(field, port, 0xffff) },
    family: words.text.length === 8 ? 'ipv4' : 'ipv6',
    piece: words,
  };
}

const TCP_COLUMNS = 5;

/** Only the number of columns shows the kind of socket. */
function readTail(row: Row, base: SocketBase): SocketEntry {
  if (row.left >= TCP_COLUMNS) {
    return {
      kind: 'tcp',
      ...base,
      rto: readUnsigned64('rto', row.take('rto', 'clock ticks')),
      ato: readUnsigned64('ato', row.take('ato', 'clock ticks')),
      quickAck: readUnsigned('quick', row.take('quick', 'a number')),
      congestionWindow: readUnsigned('cwnd', row.take('cwnd', 'segments')),
      slowStartThreshold: readSigned('ssthresh', row.take('ssthresh', 'segments')),
    };
  }
  if (row.left === 1) {
    return { kind: 'datagram', ...base, drops: readSigned('drops', row.take('drops', 'a count')) };
  }
  // No kernel prints two to four columns. They go to `extra`, because as drops or as half of TCP's columns they would
  // be wrong.
  return { kind: 'bare', ...base };
}
