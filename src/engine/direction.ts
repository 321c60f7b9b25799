import { exchangeEnds, TCP, type Connection } from './connection.js';
import type { Direction } from '../model/flow-row.js';
import type { LocalVerdicts } from './local-verdicts.js';

/** The evidence of sockets about who opened a connection. Addresses are ids. */
export interface Evidence {
  /** True if there is a listener on this address and port, or on the wildcard (`::` takes IPv4 too). */
  isListening(protocolNumber: number, address: number, port: number): boolean;
  /** The index of the live socket with exactly these ends, or -1. */
  findLive(
    protocolNumber: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
  ): number;
}

/** True if sockets may correct the direction: conntrack may have met the connection in mid-stream and exchanged its ends. */
export function isInDoubt({ protocolNumber, hasPorts, openingSeen }: Connection): boolean {
  return protocolNumber === TCP && hasPorts && !openingSeen;
}

/**
 * Decides the direction of a connection, by the first rule that holds:
 * both ends local → `loopback`; initiator local → `active`; responder local → `passive`; else `forwarded`.
 *
 * If conntrack met a TCP connection in mid-stream, it may have exchanged the ends. The sockets settle it. `connection` then gets its
 * ends exchanged, so that it has the true initiator.
 */
export function directConnection(
  connection: Connection,
  local: LocalVerdicts,
  evidence: Evidence | undefined,
): Direction {
  const direction = directionOf(connection, local);
  if (evidence === undefined || !isReversed(connection, direction, evidence)) return direction;
  exchangeEnds(connection);
  return directionOf(connection, local);
}

function directionOf(connection: Connection, local: LocalVerdicts): Direction {
  const initiatorIsLocal = local.isLocal(connection.initiator);
  const responderIsLocal = local.isLocal(connection.responder);
  if (initiatorIsLocal) return responderIsLocal ? 'loopback' : 'active';
  return responderIsLocal ? 'passive' : 'forwarded';
}

/** True if the sockets show that the responder opened the connection. */
function isReversed(connection: Connection, direction: Direction, evidence: Evidence): boolean {
  if (!isInDoubt(connection)) return false;
  const { initiator, initiatorPort, responder, responderPort } = connection;
  switch (direction) {
    case 'active':
      return evidence.isListening(TCP, initiator, initiatorPort);
    case 'passive':
      return (
        !evidence.isListening(TCP, responder, responderPort) &&
        evidence.findLive(TCP, responder, responderPort, connection.answered, connection.answeredPort) >= 0
      );
    case 'loopback':
      return (
        evidence.isListening(TCP, initiator, initiatorPort) &&
        !evidence.isListening(TCP, responder, responderPort)
      );
    case 'forwarded':
      return false;
  }
}
