import type { Counter } from '../../parsers/counter.js';
import { setCounters, type Connection } from './connection.js';

const FIRST_CAPACITY = 64;
const FIGURES = 4;
const UNKNOWN = NaN;

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
