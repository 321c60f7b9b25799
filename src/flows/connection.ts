import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { NAMED_PROTOCOLS } from '../../parsers/conntrack/protocols.js';
import { type ConntrackScanner, SCANNED } from '../../parsers/conntrack/scan.js';
import type { Counter } from '../../parsers/counter.js';
import type { AddressTable } from './address-table.js';

/** `IPPROTO_TCP`, the only protocol whose direction sockets settle. */
export const TCP = 6;
/** `IPPROTO_UDP` */
export const UDP = 17;

/** Where each counter stands in {@link Connection.counters}. */
export const COUNTER = { sentPackets: 0, sentBytes: 1, receivedPackets: 2, receivedBytes: 3 } as const;

/**
 * What direction and aggregation need to know of one entry or socket, whatever it was read from, in numbers: ports and
 * ids of an {@link AddressTable}. Made once and filled again for each.
 */
export class Connection {
  /** IANA number. Protocols of one number are one, however the line spells the name. */
  protocolNumber = 0;
  /** Without them all ports here are 0. */
  hasPorts = false;
  /** Who sent the first packet: `original.source`. */
  initiator = 0;
  initiatorPort = 0;
  /** Who really answers, behind any DNAT: `reply.source`. */
  responder = 0;
  responderPort = 0;
  /** What the initiator asked for: `original.destination`. */
  dialled = 0;
  dialledPort = 0;
  /** Where the responder sends its answers, `reply.destination`: the initiator as the responder sees it. */
  answered = 0;
  answeredPort = 0;
  /** Whether the first packet that conntrack saw opened the connection, so that it has the ends the right way round. */
  openingSeen = false;
  hasCounters = false;
  /** Of the initiator's packets, then of the responder's, as {@link COUNTER} has them: where each is exact as a double. */
  readonly counters: Float64Array = new Float64Array(4);
  /** The same four where a double does not hold one of them; undefined where it does. */
  wideCounters: readonly Counter[] | undefined = undefined;
  /** Whether initiator and responder are exchanged: the first two counters are then the responder's. */
  exchanged = false;
}

/** Makes `connection` the one that an entry tracks, as conntrack has it. */
export function readEntry(connection: Connection, entry: ConntrackEntry, addresses: AddressTable): void {
  const { original, reply, originalCounters, replyCounters } = entry;
  const originalPorts = 'sourcePort' in original ? original : undefined;
  const replyPorts = 'sourcePort' in reply ? reply : undefined;
  connection.protocolNumber =
    entry.protocol === 'unknown' ? entry.protocolNumber : NAMED_PROTOCOLS[entry.protocol].number;
  connection.hasPorts = originalPorts !== undefined;
  connection.initiator = addresses.idOfText(original.source);
  connection.dialled = addresses.idOfText(original.destination);
  connection.responder = addresses.idOfText(reply.source);
  connection.answered = addresses.idOfText(reply.destination);
  connection.initiatorPort = originalPorts?.sourcePort ?? 0;
  connection.dialledPort = originalPorts?.destinationPort ?? 0;
  connection.responderPort = replyPorts?.sourcePort ?? 0;
  connection.answeredPort = replyPorts?.destinationPort ?? 0;
  connection.openingSeen = entry.protocol === 'tcp' && entry.state === 'SYN_SENT';
  connection.exchanged = false;
  connection.hasCounters = originalCounters !== undefined && replyCounters !== undefined;
  connection.wideCounters = undefined;
  if (originalCounters === undefined || replyCounters === undefined) return;
  const counters = [
    originalCounters.packets,
    originalCounters.bytes,
    replyCounters.packets,
    replyCounters.bytes,
  ];
  if (counters.some((counter) => typeof counter === 'bigint')) connection.wideCounters = counters;
  else connection.counters.set(counters.map(Number));
}

/** Makes `connection` the one in the line that a scanner has just read. */
export function readScanned(connection: Connection, line: ConntrackScanner, addresses: AddressTable): void {
  const { head, numbers, isIpv6, hasCounters } = line;
  const words = line.addresses;
  const hasPorts = head.form === 'ports';
  connection.protocolNumber = head.protocolNumber;
  connection.hasPorts = hasPorts;
  connection.initiator = idOfWords(addresses, isIpv6, words, 0);
  connection.dialled = idOfWords(addresses, isIpv6, words, 4);
  connection.responder = idOfWords(addresses, isIpv6, words, 8);
  connection.answered = idOfWords(addresses, isIpv6, words, 12);
  connection.initiatorPort = hasPorts ? portAt(numbers, SCANNED.original) : 0;
  connection.dialledPort = hasPorts ? portAt(numbers, SCANNED.original + 1) : 0;
  connection.responderPort = hasPorts ? portAt(numbers, SCANNED.reply) : 0;
  connection.answeredPort = hasPorts ? portAt(numbers, SCANNED.reply + 1) : 0;
  connection.openingSeen = line.isSynSent && head.protocolNumber === TCP;
  connection.exchanged = false;
  connection.hasCounters = hasCounters;
  connection.wideCounters = undefined;
  if (!hasCounters) return;
  for (let index = 0; index < 4; index++) {
    connection.counters[index] = numbers[SCANNED.originalCounters + index] ?? 0;
  }
}

function idOfWords(addresses: AddressTable, isIpv6: boolean, words: Int32Array, start: number): number {
  return isIpv6 ? addresses.idOfIpv6(words, start) : addresses.idOfIpv4(words[start] ?? 0);
}

function portAt(numbers: Float64Array, index: number): number {
  return (numbers[index] ?? 0) | 0;
}

/** Exchanges initiator and responder, and their packets with them. */
export function exchangeEnds(connection: Connection): void {
  const { initiator, initiatorPort, dialled, dialledPort } = connection;
  connection.initiator = connection.responder;
  connection.initiatorPort = connection.responderPort;
  connection.dialled = connection.answered;
  connection.dialledPort = connection.answeredPort;
  connection.responder = initiator;
  connection.responderPort = initiatorPort;
  connection.answered = dialled;
  connection.answeredPort = dialledPort;
  connection.exchanged = !connection.exchanged;
}
