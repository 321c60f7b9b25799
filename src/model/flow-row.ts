import type { Traffic, TrafficRate } from './traffic.js';

/**
 * The end that opened the connection: this host (`active`) or the peer (`passive`). `forwarded` means that neither end is local,
 * `loopback` that both are.
 */
export const DIRECTIONS = ['active', 'passive', 'forwarded', 'loopback'] as const;

/** One of {@link DIRECTIONS}. */
export type Direction = (typeof DIRECTIONS)[number];

/** The source of a row's numbers. */
export type FlowSource = 'conntrack' | 'sockets';

/** One end of a flow. `addr` is canonical text; `port` is `"3306"`, `"many"`, or `"-"` for protocols without ports. */
export interface Endpoint {
  addr: string;
  port: string;
}

/** The fields that tell one host flow from another. */
export interface FlowKey {
  /** `many` only in a grouped row whose flows differ. */
  direction: Direction | 'many';
  /** `tcp`, `udp`, `icmp`, …; the number of a protocol without a well-known name; `many` after grouping. */
  protocol: string;
  local: Endpoint;
  peer: Endpoint;
  /** The dialled address, if DNAT redirected the connection to another one. */
  via?: Endpoint;
  /** The conntrack zone, if it is not 0; `many` only in a grouped row whose flows differ. */
  zone?: number | 'many';
  /** The state by the kernel's name, if states are kept apart; `many` after grouping. */
  state?: string;
}

/**
 * One row of any listing: a host flow, or a group of them.
 *
 * Flows with known counters never mix with flows with unknown counters. Flows from conntrack never mix with flows from sockets. So
 * `total`, `delta` and `rate` of a row are either all known or all null.
 */
export interface FlowRow {
  key: FlowKey;
  /**
   * The number of connections that carried the row's bytes. In a listing it counts entries or sockets, closing ones included. Over
   * an interval it counts the connections that carried part of `delta`; if bytes are unknown, those that were open in it.
   */
  connections: number;
  /** The number of connections that are open at the end of an interval. TIME_WAIT is not open. A listing has none. */
  live?: number;
  /** The traffic so far; null if the counters are unknown. */
  total: Traffic | null;
  /** The traffic in the interval. A listing has none. */
  delta?: Traffic | null;
  /** `delta` per second. */
  rate?: TrafficRate | null;
  source: FlowSource;
  /** The peer's name, if one was looked up and found. */
  name?: string;
}

/** The text of a field in which grouped flows differ. */
export const MANY = 'many';
/** The text for the port of a protocol without ports. */
export const NO_PORT = '-';

/** The port of the side that accepts. */
export function servicePort({ direction, local, peer }: FlowKey): string {
  return direction === 'passive' ? local.port : peer.port;
}
