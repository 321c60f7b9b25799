import type { Counter } from '../../parsers/counter.js';
import { AddressIds } from './address-ids.js';
import { setCounters, type Connection } from './connection.js';
import type { Evidence } from './direction.js';
import { IntTuples } from './int-tuples.js';
import { Listeners } from './listeners.js';
import { DEFAULT_EPHEMERAL_PORTS, type PortRange } from './ports.js';

/** The most local ends that are remembered of a transparent proxy: one a service and address. */
const MOST_ENDS = 1 << 14;
const FIRST_CAPACITY = 64;
const FIGURES = 4;
const UNKNOWN = NaN;

/**
 * The evidence of the socket tables about who opened a connection. Protocols are IANA numbers, addresses are ids of
 * {@link addresses}.
 */
export class SocketEvidence implements Evidence {
  readonly addresses: AddressIds;
  /** The traffic of the live sockets, as far as known. */
  readonly traffic: SocketTraffic = new SocketTraffic();
  ephemeralPorts: PortRange = DEFAULT_EPHEMERAL_PORTS;
  /** The sockets that are connections, each once: protocol, local address, remote address, and both ports. */
  private readonly live = new IntTuples(4);
  /** The local ends that accepted connections: protocol and port, address. Made when first asked for, as few hosts proxy. */
  private acceptingEnds: IntTuples | undefined;
  /** The same of earlier evidence. */
  private readonly earlierEnds = new IntTuples(2);
  private readonly end = new Int32Array(2);
  /** By index in `live`: true if the socket opened its connection; undefined if it does not tell. */
  private readonly opened: (boolean | undefined)[] = [];
  /** By index in `live`: the state. */
  private readonly states: number[] = [];
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

  /** Adds a socket that is a connection. @returns its index */
  addLive(socket: Readonly<LiveSocket>): number {
    const { protocolNumber, local, localPort, remote, remotePort, openedHere } = socket;
    const index = this.live.add(this.pairKey(protocolNumber, local, localPort, remote, remotePort));
    this.opened[index] ??= openedHere;
    this.states[index] = socket.state;
    this.acceptingEnds = undefined;
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
    socket.openedHere = this.opened[index];
    socket.state = this.states[index] ?? 0;
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

  hasLocalEnd(protocolNumber: number, address: number, port: number): boolean {
    const ends = this.ends();
    const key = this.endKey(protocolNumber, address, port);
    return ends.find(key) >= 0 || this.earlierEnds.find(key) >= 0;
  }

  /** Remembers the accepting ends of earlier evidence. A transparent proxy has them still when no connection is live. */
  rememberEnds(earlier: SocketEvidence): void {
    for (const ends of [earlier.ends(), earlier.earlierEnds]) {
      for (let index = 0; index < ends.count && this.earlierEnds.count < MOST_ENDS; index++) {
        const end = ends.get(index, 0);
        const address = this.addresses.adopt(earlier.addresses, ends.get(index, 1));
        this.earlierEnds.add(this.endKey(end >>> 16, address, end & 0xffff));
      }
    }
  }

  private ends(): IntTuples {
    if (this.acceptingEnds !== undefined) return this.acceptingEnds;
    const ends = new IntTuples(2);
    for (let index = 0; index < this.live.count; index++) {
      if (this.opened[index] !== false) continue;
      const port = this.live.get(index, 3) >>> 16;
      ends.add(this.endKey(this.live.get(index, 0), this.live.get(index, 1), port));
    }
    this.acceptingEnds = ends;
    return ends;
  }

  private endKey(protocolNumber: number, address: number, port: number): Int32Array {
    this.end[0] = (protocolNumber << 16) | port;
    this.end[1] = address;
    return this.end;
  }

  openedHere(index: number): boolean | undefined {
    return this.opened[index];
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
  /** True if this end opened the connection, false if it accepted it; undefined if the socket does not tell. */
  openedHere: boolean | undefined;
  /** `net/tcp_states.h` */
  state: number;
}

/** The traffic of a socket: payload as bytes, and segments as packets. */
export interface SocketFigures {
  sentPackets: number;
  sentBytes: Counter;
  receivedPackets: number;
  receivedBytes: Counter;
}

/** The traffic of live sockets, by their index in `SocketEvidence`. It is a flat array, as there may be very many. */
export class SocketTraffic {
  private figures: Float64Array = new Float64Array(FIRST_CAPACITY * FIGURES).fill(UNKNOWN);
  /** The figures of sockets with a number that a double cannot hold exactly. */
  private readonly wide = new Map<number, SocketFigures>();

  set(index: number, figures: SocketFigures): void {
    while (index * FIGURES >= this.figures.length) this.grow();
    const { sentPackets, sentBytes, receivedPackets, receivedBytes } = figures;
    if (typeof sentBytes === 'bigint' || typeof receivedBytes === 'bigint') {
      this.wide.set(index, figures);
      return;
    }
    const at = index * FIGURES;
    this.figures[at] = sentPackets;
    this.figures[at + 1] = sentBytes;
    this.figures[at + 2] = receivedPackets;
    this.figures[at + 3] = receivedBytes;
  }

  /** Sets the counters of a connection from its socket. @param accepted true if the socket is the responder */
  readInto(connection: Connection, index: number, accepted: boolean): void {
    const wide = this.wide.get(index);
    const sentPackets = wide?.sentPackets ?? this.figure(index, 0);
    const sentBytes = wide?.sentBytes ?? this.figure(index, 1);
    const receivedPackets = wide?.receivedPackets ?? this.figure(index, 2);
    const receivedBytes = wide?.receivedBytes ?? this.figure(index, 3);
    if (accepted) setCounters(connection, receivedPackets, receivedBytes, sentPackets, sentBytes);
    else setCounters(connection, sentPackets, sentBytes, receivedPackets, receivedBytes);
  }

  private figure(index: number, which: number): number | undefined {
    const value = this.figures[index * FIGURES + which] ?? UNKNOWN;
    return Number.isNaN(value) ? undefined : value;
  }

  private grow(): void {
    const { figures } = this;
    this.figures = new Float64Array(figures.length * 2).fill(UNKNOWN, figures.length);
    this.figures.set(figures);
  }
}
