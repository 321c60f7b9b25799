import { Connection } from './connection.js';
import type { LiveSocket, SocketEvidence } from './evidence.js';
import type { Direction } from './host-flow.js';
import { IntTuples } from './int-tuples.js';
import type { LocalVerdicts } from './local-verdicts.js';

/**
 * Hands on the connections of live sockets that conntrack has no entry for; each holds until the call returns. A
 * connection within the host has a socket at each end: it is given once, from the end that accepted it where that is known.
 * @returns how many there were
 */
export function directSockets(
  sockets: readonly LiveSocket[],
  local: LocalVerdicts,
  evidence: SocketEvidence,
  onConnection: (connection: Connection, direction: Direction) => void,
): number {
  const connections = new IntTuples(4);
  const key = new Int32Array(4);
  const chosen: { socket: LiveSocket; accepted: boolean }[] = [];
  for (const socket of sockets) {
    const { protocolNumber, local: address, localPort, isOpening } = socket;
    // Who listens on the local port accepted the connection, unless it still waits for the answer to its own SYN.
    const accepted = !isOpening && evidence.isListening(protocolNumber, address, localPort);
    const index = connections.add(unorderedKey(socket, key));
    if (accepted || index === chosen.length) chosen[index] = { socket, accepted };
  }
  const connection = new Connection();
  for (const { socket, accepted } of chosen) {
    readSocket(connection, socket, accepted);
    evidence.traffic.readInto(connection, socket.index, accepted);
    const isWithinHost = socket.remote === socket.local || local.isLocal(socket.remote);
    onConnection(connection, isWithinHost ? 'loopback' : accepted ? 'passive' : 'active');
  }
  return chosen.length;
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
