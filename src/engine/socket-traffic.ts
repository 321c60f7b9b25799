import type { Counter } from '../../parsers/counter.js';
import { setCounters, type Connection } from './connection.js';

const FIRST_CAPACITY = 64;
const FIGURES = 4;
const UNKNOWN = NaN;

/** What a socket has carried: payload bytes, and segments as packets. */
export interface SocketFigures {
  sentPackets: number;
  sentBytes: Counter;
  receivedPackets: number;
  receivedBytes: Counter;
}

/** What live sockets have carried, by their index in `SocketEvidence`: in a flat array, as there may be very many. */
export class SocketTraffic {
  private figures: Float64Array = new Float64Array(FIRST_CAPACITY * FIGURES).fill(UNKNOWN);
  /** Those of which a double does not hold each number. */
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

  /** Gives the socket's figures to its connection; `accepted` is whether the socket's end is the responder. */
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
