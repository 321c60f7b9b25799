import { exchangeEnds, TCP, UDP, type Connection } from './connection.js';
import type { Direction } from '../model/flow-row.js';
import type { LocalVerdicts } from './local-verdicts.js';
import { canBeOpeners, looksLikeService, type PortRange } from './ports.js';

/** The evidence of sockets about who opened a connection. Addresses are ids. */
export interface Evidence {
  /** The ports that the kernel gives to openers in this namespace. */
  readonly ephemeralPorts: PortRange;
  /**
   * True if there is a listener on this address and port, or on the wildcard (`::` takes IPv4 too). In UDP that is an unconnected
   * socket.
   */
  isListening(protocolNumber: number, address: number, port: number): boolean;
  /** The index of the live socket with exactly these ends, or -1. */
  findLive(
    protocolNumber: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
  ): number;
  /** True if a live socket has this local end and accepted its connection. */
  hasLocalEnd(protocolNumber: number, address: number, port: number): boolean;
  /** True if this end of a live socket opened the connection, false if it accepted it; undefined if the socket does not tell. */
  openedHere(index: number): boolean | undefined;
}

/** The facts about a host that decide directions. */
export interface HostFacts {
  /** The addresses that count as local: the host's own, or others that were given. */
  local: LocalVerdicts;
  /** The host's own addresses. Its sockets are evidence about these alone. */
  own: LocalVerdicts;
  /** True if the host proxies transparently. */
  isTransparent: boolean;
  evidence: Evidence | undefined;
}

/** True if neither end has a local address. Only a socket can tell then that an end is local. */
export function isForeign({ initiator, responder }: Connection, { local }: HostFacts): boolean {
  return !local.isLocal(initiator) && !local.receives(responder);
}

/** True if sockets may correct the direction: conntrack may have met the connection in mid-stream and exchanged its ends. */
export function isInDoubt(connection: Connection, evidence: Evidence | undefined): boolean {
  if (!connection.hasPorts) return false;
  if (connection.protocolNumber === TCP) return connection.opening !== 'seen';
  return (
    connection.protocolNumber === UDP && evidence !== undefined && havePortsReversed(connection, evidence)
  );
}

/**
 * Decides the direction of a connection, by the first rule that holds:
 * both ends local → `loopback`; initiator local → `active`; responder local → `passive`; else `forwarded`.
 *
 * Conntrack may have met the connection in mid-stream, and then have its ends exchanged. The best evidence settles that. `connection`
 * then gets its ends exchanged, so that it has the true initiator.
 */
export function directConnection(connection: Connection, host: HostFacts): Direction {
  connection.turnedByPorts = false;
  if (isReversed(connection, host)) exchangeEnds(connection);
  return directionOf(connection, host);
}

function directionOf(connection: Connection, host: HostFacts): Direction {
  const { initiator, responder } = connection;
  const { local } = host;
  const initiatorIsLocal =
    local.isLocal(initiator) ||
    hasSocketAt(connection, host, 'initiator') ||
    isWithoutAddress(connection, host);
  if (initiatorIsLocal) {
    // A group takes what the host sends to it as well. That is no traffic within the host.
    return local.isLocal(responder) ? 'loopback' : 'active';
  }
  const responderIsLocal = local.receives(responder) || hasSocketAt(connection, host, 'responder');
  return responderIsLocal ? 'passive' : 'forwarded';
}

/** True for what this host sends before it has an address, as a client of DHCP. Its socket is bound to the port, a server's is not. */
function isWithoutAddress(
  { protocolNumber, initiator, initiatorPort, responderPort }: Connection,
  { local, evidence }: HostFacts,
): boolean {
  return (
    protocolNumber === UDP &&
    local.isUnspecified(initiator) &&
    evidence !== undefined &&
    evidence.isListening(UDP, initiator, initiatorPort) &&
    !evidence.isListening(UDP, initiator, responderPort)
  );
}

/**
 * True if an end without a local address is a live socket of this host: of a transparent proxy, or of an address that was taken away.
 * What a transparent proxy has a socket for, it accepts from everybody. If local addresses were given, they alone decide.
 */
function hasSocketAt(
  connection: Connection,
  { local, own, isTransparent, evidence }: HostFacts,
  end: 'initiator' | 'responder',
): boolean {
  if (evidence === undefined || local !== own || !connection.hasPorts) return false;
  if (end === 'initiator') return socketOfInitiator(connection, evidence) >= 0;
  const { protocolNumber, responder, responderPort } = connection;
  return (
    socketOfResponder(connection, evidence) >= 0 ||
    (isTransparent && evidence.hasLocalEnd(protocolNumber, responder, responderPort))
  );
}

function socketOfInitiator(
  { protocolNumber, initiator, initiatorPort, dialled, dialledPort }: Connection,
  evidence: Evidence,
): number {
  return evidence.findLive(protocolNumber, initiator, initiatorPort, dialled, dialledPort);
}

function socketOfResponder(
  { protocolNumber, responder, responderPort, answered, answeredPort }: Connection,
  evidence: Evidence,
): number {
  return evidence.findLive(protocolNumber, responder, responderPort, answered, answeredPort);
}

/** True if the responder opened the connection, by the best evidence that there is. */
function isReversed(connection: Connection, host: HostFacts): boolean {
  const { protocolNumber, hasPorts } = connection;
  if (!hasPorts) return false;
  if (protocolNumber === TCP) return isTcpReversed(connection, host);
  return protocolNumber === UDP && isUdpReversed(connection, host);
}

function isTcpReversed(connection: Connection, host: HostFacts): boolean {
  if (connection.opening === 'seen') return false;
  const { evidence } = host;
  if (evidence !== undefined) {
    const byEvidence = bySockets(connection, evidence) ?? byListeners(connection, host, evidence);
    if (byEvidence !== undefined) return byEvidence;
  }
  if (connection.opening !== 'missed') return false;
  connection.turnedByPorts = connection.initiatorPort < connection.responderPort;
  return connection.turnedByPorts;
}

/** The word of the sockets at both ends, as far as they know who opened. */
function bySockets(connection: Connection, evidence: Evidence): boolean | undefined {
  const atInitiator = socketOfInitiator(connection, evidence);
  const opened = atInitiator < 0 ? undefined : evidence.openedHere(atInitiator);
  if (opened !== undefined) return !opened;
  const atResponder = socketOfResponder(connection, evidence);
  return atResponder < 0 ? undefined : evidence.openedHere(atResponder);
}

/**
 * The end that listens accepted the connection. Programs of peers dial from the port that they listen on: if nobody knows what
 * conntrack saw, its word stands between such ports. An end with a live socket and no listener has opened the connection, if the ports
 * agree.
 */
function byListeners(connection: Connection, host: HostFacts, evidence: Evidence): boolean | undefined {
  const { initiator, initiatorPort, responder, responderPort, opening } = connection;
  const { ephemeralPorts } = evidence;
  const initiatorListens = host.own.isLocal(initiator) && evidence.isListening(TCP, initiator, initiatorPort);
  const responderListens = host.own.isLocal(responder) && evidence.isListening(TCP, responder, responderPort);
  if (responderListens) return false;
  if (initiatorListens) {
    return opening === 'missed' || canBeOpeners(responderPort, initiatorPort, ephemeralPorts);
  }
  const isOpenersSocket = host.own.isLocal(responder) && socketOfResponder(connection, evidence) >= 0;
  return isOpenersSocket && looksLikeService(initiatorPort, responderPort, ephemeralPorts) ? true : undefined;
}

/**
 * UDP has no opening. Conntrack's word stands unless a socket and both ports speak against it: an unconnected socket is bound to the
 * initiator's port, or a connected one has the responder's.
 */
function isUdpReversed(connection: Connection, { own, evidence }: HostFacts): boolean {
  if (evidence === undefined || !havePortsReversed(connection, evidence)) return false;
  const { initiator, initiatorPort, responder } = connection;
  if (own.isLocal(initiator)) return evidence.isListening(UDP, initiator, initiatorPort);
  return own.isLocal(responder) && socketOfResponder(connection, evidence) >= 0;
}

function havePortsReversed(
  { initiatorPort, responderPort }: Connection,
  { ephemeralPorts }: Evidence,
): boolean {
  return looksLikeService(initiatorPort, responderPort, ephemeralPorts);
}

/**
 * The direction of a connection that was filled from a socket. The socket's own end is this host's by definition, unless local
 * addresses were given.
 */
export function directionOfSocket(connection: Connection, host: HostFacts, accepted: boolean): Direction {
  if (host.local !== host.own) return directionOf(connection, host);
  const { initiator, responder } = connection;
  const isWithinHost = initiator === responder || host.own.isLocal(accepted ? initiator : responder);
  return isWithinHost ? 'loopback' : accepted ? 'passive' : 'active';
}

/** What a socket of this host knows about its connection. */
export interface SocketWord {
  /** True if this end opened the connection; undefined if the socket does not tell. */
  openedHere: boolean | undefined;
  protocolNumber: number;
  isListening: boolean;
  localPort: number;
  remotePort: number;
}

/** True if this end of a socket accepted its connection, by the best evidence that there is. */
export function hasAccepted(
  { openedHere, protocolNumber, isListening, localPort, remotePort }: SocketWord,
  ephemeralPorts: PortRange,
): boolean {
  if (openedHere !== undefined) return !openedHere;
  // A connected socket of UDP is a client's, as servers rarely connect theirs.
  return isListening || (protocolNumber === TCP && looksLikeService(localPort, remotePort, ephemeralPorts));
}
