import type { Connection, ConnectionEnd } from './connection.js';

/** A socket as direction needs it: which transport, between which ends. Addresses canonical, IPv4-mapped ones as IPv4. */
export interface LiveSocket {
  protocol: 'tcp' | 'udp';
  local: { address: string; port: number };
  remote: { address: string; port: number };
  /** Whether it waits for an answer to its SYN (`SYN_SENT`): then it opened the connection, whoever listens on its port. */
  isOpening: boolean;
}

/** A port on which connections are accepted, on one address or on all of them. */
export interface Listener {
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
}

function endKey(protocol: string, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}

function pairKey(protocol: string, local: ConnectionEnd, remote: ConnectionEnd): string {
  return `${protocol} ${local.address} ${local.port} ${remote.address} ${remote.port}`;
}

/** What the socket tables say about who opened what. */
export class SocketEvidence {
  /** The sockets that are connections. */
  readonly live: readonly LiveSocket[];
  private readonly listening: ReadonlySet<string>;
  private readonly connected: ReadonlySet<string>;

  constructor(listeners: readonly Listener[], live: readonly LiveSocket[]) {
    this.live = live;
    this.listening = new Set(listeners.map(({ protocol, address, port }) => endKey(protocol, address, port)));
    this.connected = new Set(live.map(({ protocol, local, remote }) => pairKey(protocol, local, remote)));
  }

  /** Whether connections to this end are accepted: by a listener on its address, or on the wildcard (`::` takes IPv4 too). */
  isListening(protocol: string, { address, port }: ConnectionEnd): boolean {
    if (port === undefined) return false;
    return (
      this.listening.has(endKey(protocol, address, port)) ||
      this.listening.has(endKey(protocol, '::', port)) ||
      (!address.includes(':') && this.listening.has(endKey(protocol, '0.0.0.0', port)))
    );
  }

  /** Whether a live socket has exactly these ends. */
  isConnected(protocol: string, local: ConnectionEnd, remote: ConnectionEnd): boolean {
    return this.connected.has(pairKey(protocol, local, remote));
  }
}

/** Finds the live sockets that no entry stands for. */
export class UntrackedSockets {
  private readonly unseen = new Map<string, LiveSocket>();

  constructor(evidence: SocketEvidence) {
    for (const socket of evidence.live) {
      this.unseen.set(pairKey(socket.protocol, socket.local, socket.remote), socket);
    }
  }

  /** Takes the sockets of a tracked connection out: the initiator's sees the dialled address, the responder's the answered one. */
  see(connection: Connection): void {
    if (this.unseen.size === 0 || connection.initiator.port === undefined) return;
    this.unseen.delete(pairKey(connection.protocol, connection.initiator, connection.dialled));
    this.unseen.delete(pairKey(connection.protocol, connection.responder, connection.answered));
  }

  /** What is left once all entries were seen. */
  remaining(): LiveSocket[] {
    return [...this.unseen.values()];
  }
}
