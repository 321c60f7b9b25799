import type { Counter } from '../../parsers/counter.js';
import { MANY, type Direction, type Endpoint, type FlowRow, type FlowSource } from '../model/flow-row.js';
import { sanitizeText } from '../model/sanitize.js';
import type { Traffic, TrafficRate } from '../model/traffic.js';

/** The peer, with its name if one is known. */
export interface PeerEndpoint extends Endpoint {
  name?: string;
}

/** Packets and bytes towards (`inbound`) and away from (`outbound`) the local end, under `lsconntrack`'s keys. */
export interface FlowStat {
  total_inbound_packets: Counter;
  total_inbound_bytes: Counter;
  total_outbound_packets: Counter;
  total_outbound_bytes: Counter;
}

/**
 * The connections that agree in direction, protocol, local address, peer and service port, added up. `total` has the counters.
 * `stat` repeats them under `lsconntrack`'s keys, as in the JSON output.
 *
 * Connections without counters are a flow of their own, so that a sum is never too small.
 */
export interface HostFlow {
  /** The direction; `many` only in a group of flows with several directions. */
  direction: Direction | 'many';
  /** `tcp`, `udp`, `icmp`, …; the number of a protocol without a well-known name; `many` after grouping. */
  protocol: string;
  local: Endpoint;
  peer: PeerEndpoint;
  /** The dialled address, if DNAT redirected the connection to another one. */
  via?: Endpoint;
  /** The conntrack zone, if it is not 0. Flows of different zones stay apart. */
  zone?: number | 'many';
  /** The state by the kernel's name, if states are kept apart. */
  state?: string;
  /** The number of connections that carried the bytes: in a listing all entries, over an interval those that carried part of it. */
  connections: number;
  /** The traffic so far; `null` if the counters are unknown. */
  total: Traffic | null;
  /** `total` under `lsconntrack`'s keys; `null` if `total` is. */
  stat: FlowStat | null;
  source: FlowSource;
}

/** The host flow of a row. Control characters are removed from names. */
export function hostFlowOf({ key, name, connections, total, source }: FlowRow): HostFlow {
  const { direction, protocol, local, peer, via, zone, state } = key;
  return {
    direction,
    protocol,
    local: { ...local },
    peer: name === undefined ? { ...peer } : { ...peer, name: sanitizeText(name) },
    ...(via === undefined ? {} : { via: { ...via } }),
    ...(zone === undefined ? {} : { zone }),
    ...(state === undefined ? {} : { state }),
    connections,
    total,
    stat: total === null ? null : statOf(total),
    source,
  };
}

function statOf({ inbound, outbound }: Traffic): FlowStat {
  return {
    total_inbound_packets: inbound.packets,
    total_inbound_bytes: inbound.bytes,
    total_outbound_packets: outbound.packets,
    total_outbound_bytes: outbound.bytes,
  };
}

/**
 * Prints one row as a JSON object without line breaks: a {@link HostFlow} without `total`, its keys in the documented order. Over an
 * interval it has `live` and `rate` too.
 *
 * It is written by hand because `JSON.stringify` refuses a `bigint`. A counter beyond 2^53 must print with all its digits.
 */
export function hostFlowJson(row: FlowRow): string {
  const rate = row.rate === undefined ? '' : `,"rate":${trafficJson(row.rate)}`;
  return `{${identityJson(row)},"stat":${trafficJson(row.total, 'total_')}${rate},"source":"${row.source}"}`;
}

/** The members that identify the flow, and its number of connections. */
export function identityJson({ key, name, connections, live }: FlowRow): string {
  const via = key.via === undefined ? '' : `,"via":${endpointJson(key.via)}`;
  const zone = key.zone === undefined ? '' : `,"zone":${key.zone === MANY ? `"${MANY}"` : key.zone}`;
  const state = key.state === undefined ? '' : `,"state":${JSON.stringify(sanitizeText(key.state))}`;
  return (
    `"direction":"${key.direction}","protocol":"${key.protocol}"` +
    `,"local":${endpointJson(key.local)},"peer":${endpointJson(key.peer, name)}${via}${zone}${state}` +
    `,"connections":${connections}${live === undefined ? '' : `,"live":${live}`}`
  );
}

/** Prints an end. Only the name is cleaned and escaped: it comes from DNS, while addresses and ports are printed by this program. */
function endpointJson({ addr, port }: Endpoint, name?: string): string {
  const end = `{"addr":"${addr}","port":"${port}"`;
  return name === undefined ? `${end}}` : `${end},"name":${JSON.stringify(sanitizeText(name))}}`;
}

/** Prints the counters under flat keys, each with `prefix`. */
export function trafficJson(traffic: Traffic | TrafficRate | null | undefined, prefix = ''): string {
  if (traffic === null || traffic === undefined) return 'null';
  const { inbound, outbound } = traffic;
  return (
    `{"${prefix}inbound_packets":${inbound.packets},"${prefix}inbound_bytes":${inbound.bytes}` +
    `,"${prefix}outbound_packets":${outbound.packets},"${prefix}outbound_bytes":${outbound.bytes}}`
  );
}
