import type { AddressSet } from './address-set.js';
import { exchangeEnds, type Connection } from './connection.js';
import type { LiveSocket, SocketEvidence } from './evidence.js';
import type { Direction } from './host-flow.js';

/** A connection whose direction is settled; `connection` has the true initiator. */
export interface DirectedConnection {
  direction: Direction;
  connection: Connection;
}

/**
 * The direction of a connection, by the first rule that holds:
 * both ends local → `loopback`; initiator local → `active`; responder local → `passive`; else `forwarded`.
 *
 * Where conntrack met a TCP connection in mid-stream it may have the ends the wrong way round; the sockets settle it.
 */
export function directConnection(
  connection: Connection,
  local: AddressSet,
  evidence: SocketEvidence | undefined,
): DirectedConnection {
  const direction = directionOf(connection, local);
  if (evidence === undefined || !isReversed(connection, direction, evidence))
    return { direction, connection };
  const exchanged = exchangeEnds(connection);
  return { direction: directionOf(exchanged, local), connection: exchanged };
}

function directionOf(connection: Connection, local: AddressSet): Direction {
  const initiatorIsLocal = local.has(connection.initiator.address);
  const responderIsLocal = local.has(connection.responder.address);
  if (initiatorIsLocal) return responderIsLocal ? 'loopback' : 'active';
  return responderIsLocal ? 'passive' : 'forwarded';
}

/** Whether the sockets show that the responder opened the connection. */
function isReversed(connection: Connection, direction: Direction, evidence: SocketEvidence): boolean {
  const { protocol, initiator, responder, answered, openingSeen } = connection;
  if (protocol !== 'tcp' || openingSeen) return false;
  switch (direction) {
    case 'active':
      return evidence.isListening(protocol, initiator);
    case 'passive':
      return (
        !evidence.isListening(protocol, responder) && evidence.isConnected(protocol, responder, answered)
      );
    case 'loopback':
      return evidence.isListening(protocol, initiator) && !evidence.isListening(protocol, responder);
    case 'forwarded':
      return false;
  }
}

/** A live socket as a connection; its local end is this host's by definition. */
function directSocket(socket: LiveSocket, accepted: boolean, local: AddressSet): DirectedConnection {
  const { protocol, remote } = socket;
  const [initiator, responder] = accepted ? [remote, socket.local] : [socket.local, remote];
  const isWithinHost = remote.address === socket.local.address || local.has(remote.address);
  return {
    direction: isWithinHost ? 'loopback' : accepted ? 'passive' : 'active',
    connection: {
      protocol,
      initiator,
      responder,
      dialled: responder,
      answered: initiator,
      openingSeen: true,
      sent: undefined,
      received: undefined,
      source: 'sockets',
    },
  };
}

/**
 * The connections of live sockets that conntrack has no entry for. A connection within the host has a socket at each
 * end: it is given once, from the end that accepted it where that is known.
 */
export function directSockets(
  sockets: readonly LiveSocket[],
  local: AddressSet,
  evidence: SocketEvidence,
): DirectedConnection[] {
  const connections = new Map<string, DirectedConnection>();
  for (const socket of sockets) {
    // Who listens on the local port accepted the connection, unless it still waits for the answer to its own SYN.
    const accepted = !socket.isOpening && evidence.isListening(socket.protocol, socket.local);
    const ends = [socket.local, socket.remote].map(({ address, port }) => `${address} ${port}`);
    const key = `${socket.protocol} ${ends.sort().join(' ')}`;
    if (accepted || !connections.has(key)) connections.set(key, directSocket(socket, accepted, local));
  }
  return [...connections.values()];
}
