import { Connection, TCP } from './connection.js';
import type { LiveSocket, SocketEvidence } from './evidence.js';
import { directionOfSocket, hasAccepted, type HostFacts } from './direction.js';
import type { Direction } from '../model/flow-row.js';
import { socketStateName } from '../model/states.js';
import { IntTuples } from './int-tuples.js';

/** The bit for an end that accepted the connection. */
const ACCEPTED = 1;

/**
 * Calls `onConnection` for each connection of the given live sockets. The object is reused after the call. A connection within the
 * host has a socket at each end. It is given once, from the accepting end if that is known.
 * @param sockets indices in the evidence
 * @param withState true if connections in different states are different flows
 * @returns the number of connections
 */
export function directSockets(
  sockets: Int32Array,
  host: HostFacts,
  evidence: SocketEvidence,
  withState: boolean,
  onConnection: (connection: Connection, direction: Direction) => void,
): number {
  const chosen = chooseEnds(sockets, evidence);
  const socket = newLiveSocket();
  const connection = new Connection();
  for (const packed of chosen) {
    const index = packed >>> 1;
    const accepted = (packed & ACCEPTED) !== 0;
    evidence.readLive(index, socket);
    readSocket(connection, socket, accepted);
    evidence.traffic.readInto(connection, index, accepted);
    if (withState) connection.state = socket.protocolNumber === TCP ? socketStateName(socket.state) : '';
    onConnection(connection, directionOfSocket(connection, host, accepted));
  }
  return chosen.length;
}

/**
 * Chooses the end from which each connection is given: the index of the socket times two, plus {@link ACCEPTED}. There are no
 * objects, as there may be very many sockets.
 */
function chooseEnds(sockets: Int32Array, evidence: SocketEvidence): Int32Array {
  const connections = new IntTuples(4);
  const key = new Int32Array(4);
  const chosen = new Int32Array(sockets.length);
  const socket = newLiveSocket();
  for (const index of sockets) {
    evidence.readLive(index, socket);
    const accepted = accepts(socket, evidence);
    const known = connections.count;
    const connection = connections.add(unorderedKey(socket, key));
    if (accepted || connection === known) chosen[connection] = index * 2 + (accepted ? ACCEPTED : 0);
  }
  return chosen.subarray(0, connections.count);
}

function accepts(socket: LiveSocket, evidence: SocketEvidence): boolean {
  const { protocolNumber, local, localPort, remotePort, openedHere } = socket;
  const isListening = openedHere === undefined && evidence.isListening(protocolNumber, local, localPort);
  return hasAccepted(
    { openedHere, protocolNumber, isListening, localPort, remotePort },
    evidence.ephemeralPorts,
  );
}

function newLiveSocket(): LiveSocket {
  return {
    protocolNumber: 0,
    local: 0,
    localPort: 0,
    remote: 0,
    remotePort: 0,
    openedHere: undefined,
    state: 0,
  };
}

/** A key that is the same for both sockets of a connection within the host. */
function unorderedKey(socket: LiveSocket, key: Int32Array): Int32Array {
  const { protocolNumber, local, localPort, remote, remotePort } = socket;
  const isFirst = local < remote || (local === remote && localPort <= remotePort);
  key[0] = protocolNumber;
  key[1] = isFirst ? local : remote;
  key[2] = isFirst ? remote : local;
  key[3] = isFirst ? (localPort << 16) | remotePort : (remotePort << 16) | localPort;
  return key;
}

/** Fills `connection` from a socket. Its local end is this host's by definition. */
export function readSocket(
  connection: Connection,
  socket: Omit<LiveSocket, 'openedHere' | 'state'>,
  accepted: boolean,
): void {
  const { local, localPort, remote, remotePort } = socket;
  connection.protocolNumber = socket.protocolNumber;
  connection.hasPorts = true;
  connection.initiator = connection.answered = accepted ? remote : local;
  connection.initiatorPort = connection.answeredPort = accepted ? remotePort : localPort;
  connection.responder = connection.dialled = accepted ? local : remote;
  connection.responderPort = connection.dialledPort = accepted ? localPort : remotePort;
  connection.opening = 'seen';
}

/** Finds the live sockets without an entry. */
export class UntrackedSockets {
  private readonly evidence: SocketEvidence;
  private readonly seen: Uint8Array;

  constructor(evidence: SocketEvidence) {
    this.evidence = evidence;
    this.seen = new Uint8Array(evidence.liveCount);
  }

  /** Notes the sockets of a tracked connection. The initiator's has the dialled address as its remote end, the responder's the answered one. */
  see(connection: Connection): void {
    if (this.seen.length === 0 || !connection.hasPorts) return;
    const { protocolNumber, initiator, initiatorPort, dialled, dialledPort } = connection;
    const { responder, responderPort, answered, answeredPort } = connection;
    this.note(this.evidence.findLive(protocolNumber, initiator, initiatorPort, dialled, dialledPort));
    this.note(this.evidence.findLive(protocolNumber, responder, responderPort, answered, answeredPort));
  }

  /** The sockets without an entry, by index in the evidence, once all entries were seen. */
  remaining(): Int32Array {
    return allLive(this.evidence).filter((index) => this.seen[index] === 0);
  }

  private note(index: number): void {
    if (index >= 0) this.seen[index] = 1;
  }
}

/** Every live socket, by index in the evidence. */
export function allLive(evidence: SocketEvidence): Int32Array {
  return new Int32Array(evidence.liveCount).map((_, index) => index);
}
