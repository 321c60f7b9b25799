import { AddressIds } from './address-ids.js';
import type { Connection } from './connection.js';
import type { Evidence } from './direction.js';
import { IntTuples } from './int-tuples.js';
import { Listeners } from './listeners.js';
import { SocketTraffic } from './socket-traffic.js';

/**
 * The evidence of the socket tables about who opened a connection. Protocols are IANA numbers, addresses are ids of
 * {@link addresses}.
 */
export class SocketEvidence implements Evidence {
  readonly addresses: AddressIds;
  /** The traffic of the live sockets, as far as known. */
  readonly traffic: SocketTraffic = new SocketTraffic();
  /** The sockets that are connections, each once: protocol, local address, remote address, and both ports. */
  private readonly live = new IntTuples(4);
  /** By index in `live`: true if the socket waits for an answer to its SYN. */
  private readonly opening: boolean[] = [];
  private readonly listeners: Listeners;
  private readonly pair = new Int32Array(4);

  /** @param addresses the table for the addresses of sockets */
  constructor(addresses: AddressIds = new AddressIds()) {
    this.addresses = addresses;
    this.listeners = new Listeners(addresses);
  }

  /** The number of sockets that are connections. */
  get liveCount(): number {
    return this.live.count;
  }

  /** Adds a listener on a port of one address, or of all if the address is unspecified. */
  addListener(protocolNumber: number, address: number, port: number): void {
    this.listeners.add(protocolNumber, address, port);
  }

  /**
   * Adds a socket that is a connection. A socket in `SYN_SENT` (`isOpening`) opened its connection, even if there is a listener on its
   * port.
   * @returns its index
   */
  addLive(socket: Readonly<LiveSocket>): number {
    const { protocolNumber, local, localPort, remote, remotePort, isOpening } = socket;
    const index = this.live.add(this.pairKey(protocolNumber, local, localPort, remote, remotePort));
    this.opening[index] = (this.opening[index] ?? true) && isOpening;
    return index;
  }

  /** Fills `socket` with the live socket of an index below {@link liveCount}. */
  readLive(index: number, socket: LiveSocket): void {
    const ports = this.live.get(index, 3);
    socket.protocolNumber = this.live.get(index, 0);
    socket.local = this.live.get(index, 1);
    socket.localPort = ports >>> 16;
    socket.remote = this.live.get(index, 2);
    socket.remotePort = ports & 0xffff;
    socket.isOpening = this.opening[index] ?? false;
  }

  /** True if there is a listener on this address and port, or on the wildcard (`::` takes IPv4 too). */
  isListening(protocolNumber: number, address: number, port: number): boolean {
    return this.listeners.has(protocolNumber, address, port);
  }

  /** The index of the live socket with exactly these ends, or -1. */
  findLive(
    protocolNumber: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
  ): number {
    return this.live.find(this.pairKey(protocolNumber, local, localPort, remote, remotePort));
  }

  private pairKey(
    protocolNumber: number,
    local: number,
    localPort: number,
    remote: number,
    remotePort: number,
  ): Int32Array {
    this.pair[0] = protocolNumber;
    this.pair[1] = local;
    this.pair[2] = remote;
    this.pair[3] = (localPort << 16) | remotePort;
    return this.pair;
  }
}

/** A socket that is a connection. An IPv4-mapped address is stored as the IPv4 address. */
export interface LiveSocket {
  protocolNumber: number;
  local: number;
  localPort: number;
  remote: number;
  remotePort: number;
  isOpening: boolean;
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
