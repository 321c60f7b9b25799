import { Connection } from './connection.js';
import type { LiveSocket, SocketEvidence } from './evidence.js';
import type { Direction } from '../model/flow-row.js';
import { IntTuples } from './int-tuples.js';
import type { LocalVerdicts } from './local-verdicts.js';

/** Whether the end accepted the connection. */
const ACCEPTED = 1;

/**
 * Hands on the connections of live sockets, given by index in the evidence, that conntrack has no entry for; each holds until
 * the call returns. A connection within the host has a socket at each end: it is given once, from the end that accepted it
 * where that is known.
 * @returns how many there were
 */
export function directSockets(
  sockets: Int32Array,
  local: LocalVerdicts,
  evidence: SocketEvidence,
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
    const isWithinHost = socket.remote === socket.local || local.isLocal(socket.remote);
    onConnection(connection, isWithinHost ? 'loopback' : accepted ? 'passive' : 'active');
  }
  return chosen.length;
}

/** The end from which each connection is given: the socket's index times two, and {@link ACCEPTED}. No objects, as there may be very many. */
function chooseEnds(sockets: Int32Array, evidence: SocketEvidence): Int32Array {
  const connections = new IntTuples(4);
  const key = new Int32Array(4);
  const chosen = new Int32Array(sockets.length);
  const socket = newLiveSocket();
  for (const index of sockets) {
    evidence.readLive(index, socket);
    const { protocolNumber, local, localPort, isOpening } = socket;
    // Who listens on the local port accepted the connection, unless it still waits for the answer to its own SYN.
    const accepted = !isOpening && evidence.isListening(protocolNumber, local, localPort);
    const known = connections.count;
    const connection = connections.add(unorderedKey(socket, key));
    if (accepted || connection === known) chosen[connection] = index * 2 + (accepted ? ACCEPTED : 0);
  }
  return chosen.subarray(0, connections.count);
}

function newLiveSocket(): LiveSocket {
  return { protocolNumber: 0, local: 0, localPort: 0, remote: 0, remotePort: 0, isOpening: false };
}

/** The same for the two sockets of a connection within the host. */
function unorderedKey(socket: LiveSocket, key: Int32Array): Int32Array {
  const { protocolNumber, local, localPort, remote, remotePort } = socket;
  const isFirst = local < remote || (local === remote && localPort <= remotePort);
  key[0] = protocolNumber;
  key[1] = isFirst ? local : remote;
  key[2] = isFirst ? remote : local;
  key[3] = isFirst ? (localPort << 16) | remotePort : (remotePort << 16) | localPort;
  return key;
}

/** Makes `connection` that of a socket; its local end is this host's by definition. */
export function readSocket(
  connection: Connection,
  socket: Omit<LiveSocket, 'index' | 'isOpening'>,
  accepted: boolean,
): void {
  const { local, localPort, remote, remotePort } = socket;
  connection.protocolNumber = socket.protocolNumber;
  connection.hasPorts = true;
  connection.initiator = connection.answered = accepted ? remote : local;
  connection.initiatorPort = connection.answeredPort = accepted ? remotePort : localPort;
  connection.responder = connection.dialled = accepted ? local : remote;
  connection.responderPort = connection.dialledPort = accepted ? localPort : remotePort;
  connection.openingSeen = true;
}
