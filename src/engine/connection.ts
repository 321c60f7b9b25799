import type { Counter } from '../../parsers/counter.js';

/** `IPPROTO_TCP` */
export const TCP = 6;
/** `IPPROTO_UDP` */
export const UDP = 17;

/** The place of each counter in {@link Connection.counters}. */
export const COUNTER = { sentPackets: 0, sentBytes: 1, receivedPackets: 2, receivedBytes: 3 } as const;

/**
 * The facts about one entry or socket that decide its direction and host flow. Every source fills it. All are numbers: ports, and
 * ids of an {@link AddressIds}. One object is made and filled again for each entry.
 */
export class Connection {
  /** The IANA number. Protocols of one number are the same, whatever name the line has. */
  protocolNumber = 0;
  /** False for a protocol without ports. All ports here are then 0. */
  hasPorts = false;
  /** The end that sent the first packet: `original.source`. */
  initiator = 0;
  initiatorPort = 0;
  /** The end that answers, behind any DNAT: `reply.source`. */
  responder = 0;
  responderPort = 0;
  /** The address that the initiator dialled: `original.destination`. */
  dialled = 0;
  dialledPort = 0;
  /** The initiator as the responder sees it: `reply.destination`. */
  answered = 0;
  answeredPort = 0;
  /**
   * `seen` if conntrack saw the packet that opened the connection: initiator and responder are then certain. `missed` if it most
   * probably did not. Text mostly does not tell.
   */
  opening: 'seen' | 'missed' | 'unknown' = 'unknown';
  /** True if only the ports spoke for the exchange of the ends. `directConnection` sets it. */
  turnedByPorts = false;
  /** The conntrack zone, of one direction or both; 0 by default. */
  zone = 0;
  /** The state by its name. It is empty unless {@link withState} is set, and if there is none. */
  state = '';
  /** True if connections in different states are different flows. Readers set the state only then. */
  withState = false;
  /** True if a flowtable or hardware handles the connection. Its counters can stand still. */
  isOffloaded = false;
  hasCounters = false;
  /** The counters, the initiator's first (see {@link COUNTER}). Not used if a double cannot hold one of them exactly. */
  readonly counters: Float64Array = new Float64Array(4);
  /** The same four counters if a double cannot hold one of them exactly; else undefined. */
  wideCounters: readonly Counter[] | undefined = undefined;
  /** True if initiator and responder are exchanged. The first two counters are then the responder's. */
  exchanged = false;
}

/** Sets the counters, the initiator's first. If one is undefined, all become unknown. */
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

/** True if any end is one of the given addresses, translated ones included. */
export function touches(
  { initiator, responder, dialled, answered }: Connection,
  isOne: (address: number) => boolean,
): boolean {
  return isOne(initiator) || isOne(responder) || isOne(dialled) || isOne(answered);
}

/** Exchanges initiator and responder. The counters stay in place, and `exchanged` notes it. */
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
