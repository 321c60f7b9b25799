import type { Counter } from '../../parsers/counter.js';

/** `IPPROTO_TCP`, the only protocol whose direction sockets settle. */
export const TCP = 6;
/** `IPPROTO_UDP` */
export const UDP = 17;

/** Where each counter stands in {@link Connection.counters}. */
export const COUNTER = { sentPackets: 0, sentBytes: 1, receivedPackets: 2, receivedBytes: 3 } as const;

/**
 * What direction and aggregation need to know of one entry or socket, whatever it was read from, in numbers: ports and
 * ids of an {@link AddressIds}. Made once and filled again for each.
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

/** Sets what was counted, of the initiator first; one that is undefined makes all of them unknown. */
export function setCounters(
  connection: Connection,
  sentPackets: Counter | undefined,
  sentBytes: Counter | undefined,
  receivedPackets: Counter | undefined,
  receivedBytes: Counter | undefined,
): void {
  const { counters } = connection;
  connection.wideCounters = undefined;
  connection.hasCounters =
    sentPackets !== undefined &&
    sentBytes !== undefined &&
    receivedPackets !== undefined &&
    receivedBytes !== undefined;
  if (
    typeof sentPackets === 'number' &&
    typeof sentBytes === 'number' &&
    typeof receivedPackets === 'number' &&
    typeof receivedBytes === 'number'
  ) {
    counters[COUNTER.sentPackets] = sentPackets;
    counters[COUNTER.sentBytes] = sentBytes;
    counters[COUNTER.receivedPackets] = receivedPackets;
    counters[COUNTER.receivedBytes] = receivedBytes;
  } else if (connection.hasCounters) {
    connection.wideCounters = [sentPackets ?? 0, sentBytes ?? 0, receivedPackets ?? 0, receivedBytes ?? 0];
  }
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
