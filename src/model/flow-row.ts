import type { Traffic, TrafficRate } from './traffic.js';

/** Who opened: `active` = this host, `passive` = the peer, `forwarded` = neither end is local, `loopback` = both are. */
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
  /** `tcp`, `udp`, `icmp`, …; a protocol without a well-known name by its number; `many` after grouping. */
  protocol: string;
  local: Endpoint;
  peer: Endpoint;
  /** The dialled address, if DNAT made another one respond. */
  via?: Endpoint;
}

/**
 * One row of any listing: a host flow, or several that were grouped.
 *
 * Flows with known counters never mix with flows whose counters are unknown, nor conntrack's with the sockets': those are rows of
 * their own. So `total`, `delta` and `rate` of a row are either all known or all null.
 */
export interface FlowRow {
  key: FlowKey;
  /**
   * The connections that the row's bytes are of: in a listing the entries or sockets added up, closing ones included; over an
   * interval those that carried part of `delta`. Where bytes are unknown, those that were open in the interval.
   */
  connections: number;
  /** Over an interval: the connections that are open at its end. TIME_WAIT is not open. */
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

/** Stands in a field in which grouped flows differ. */
export const MANY = 'many';
/** Stands for the port of a protocol that has none. */
export const NO_PORT = '-';

/** The port of the side that accepts. */
export function servicePort({ direction, local, peer }: FlowKey): string {
  return direction === 'passive' ? local.port : peer.port;
}
