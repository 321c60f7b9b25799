import type { Counter } from '../../parsers/counter.js';

/** Who opened: `active` = this host, `passive` = the peer, `forwarded` = neither end is local, `loopback` = both are. */
export const DIRECTIONS = ['active', 'passive', 'forwarded', 'loopback'] as const;

/** One of {@link DIRECTIONS}. */
export type Direction = (typeof DIRECTIONS)[number];

/** Where a flow's numbers come from. */
export type FlowSource = 'conntrack' | 'sockets';

/** One end of a flow. `addr` is canonical text; `port` is `"3306"`, `"many"`, or `"-"` for protocols without ports. */
export interface Endpoint {
  addr: string;
  port: string;
}

/** The other end, with its name where one is known. */
export interface PeerEndpoint extends Endpoint {
  name?: string;
}

/** Packets and bytes towards (`inbound`) and away from (`outbound`) the local end. Keys as `lsconntrack` names them. */
export interface FlowStat {
  total_inbound_packets: Counter;
  total_inbound_bytes: Counter;
  total_outbound_packets: Counter;
  total_outbound_bytes: Counter;
}

/** What passed in a second, on average: packets and bytes. Keys as {@link FlowStat} has them, without `total_`. */
export interface AverageRate {
  inbound_packets: number;
  inbound_bytes: number;
  outbound_packets: number;
  outbound_bytes: number;
}

/**
 * The entries that agree in (direction, protocol, local, peer, service port), added up. The shape is that of the JSON output.
 *
 * A flow whose counters are known never mixes with entries whose counters are not: those are a flow of their own.
 */
export interface HostFlow {
  /** `many` only where grouping put flows of several directions together. */
  direction: Direction | 'many';
  /** `tcp`, `udp`, `icmp`, …; a protocol without a well-known name by its number; `many` after grouping. */
  protocol: string;
  local: Endpoint;
  peer: PeerEndpoint;
  /** The dialled address, where DNAT made another one respond. */
  via?: Endpoint;
  /** Entries (or sockets) added up, closing ones included. */
  connections: number;
  /** `null` where the counters are unknown. */
  stat: FlowStat | null;
  /** Of what was measured over time; `null` where the counters are unknown. */
  rate?: AverageRate | null;
  source: FlowSource;
}

/** What stands in a field in which the flows that were put together differ. */
export const MANY = 'many';
/** What stands for the port of a protocol that has none. */
export const NO_PORT = '-';
