import { exchangeEnds, TCP, type Connection } from './connection.js';
import type { SocketEvidence } from './evidence.js';
import type { Direction } from '../model/host-flow.js';
import type { LocalVerdicts } from './local-verdicts.js';

/**
 * The direction of a connection, by the first rule that holds:
 * both ends local → `loopback`; initiator local → `active`; responder local → `passive`; else `forwarded`.
 *
 * Where conntrack met a TCP connection in mid-stream it may have the ends the wrong way round; the sockets settle it, and
 * `connection` then has its ends exchanged: it has the true initiator.
 */
export function directConnection(
  connection: Connection,
  local: LocalVerdicts,
  evidence: SocketEvidence | undefined,
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

/** Whether the sockets show that the responder opened the connection. */
function isReversed(connection: Connection, direction: Direction, evidence: SocketEvidence): boolean {
  const { protocolNumber, hasPorts, initiator, initiatorPort, responder, responderPort, openingSeen } =
    connection;
  if (protocolNumber !== TCP || !hasPorts || openingSeen) return false;
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
