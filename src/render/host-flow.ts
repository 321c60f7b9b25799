import type { Counter } from '../../parsers/counter.js';
import type { Direction, Endpoint, FlowRow, FlowSource } from '../model/flow-row.js';
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
 * The entries that agree in (direction, protocol, local, peer, service port), added up: a row as the JSON output has it, flat and
 * under `lsconntrack`'s keys, and the same counters nested in `total`.
 *
 * A flow whose counters are known never mixes with entries whose counters are not: those are a flow of their own.
 */
export interface HostFlow {
  /** `many` only if grouping put flows of several directions together. */
  direction: Direction | 'many';
  /** `tcp`, `udp`, `icmp`, …; a protocol without a well-known name by its number; `many` after grouping. */
  protocol: string;
  local: Endpoint;
  peer: PeerEndpoint;
  /** The dialled address, if DNAT made another one respond. */
  via?: Endpoint;
  /** The connections that the bytes are of: in a listing the entries added up, over an interval those that carried part of it. */
  connections: number;
  /** The traffic so far; `null` if the counters are unknown. */
  total: Traffic | null;
  /** `total` under `lsconntrack`'s keys; `null` with it. */
  stat: FlowStat | null;
  source: FlowSource;
}

/** The host flow of a row, its names cleaned of control characters. */
export function hostFlowOf({ key, name, connections, total, source }: FlowRow): HostFlow {
  const { direction, protocol, local, peer, via } = key;
  return {
    direction,
    protocol,
    local: { ...local },
    peer: name === undefined ? { ...peer } : { ...peer, name: sanitizeText(name) },
    ...(via === undefined ? {} : { via: { ...via } }),
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
 * One row as a JSON object without line breaks: a {@link HostFlow} without `total`, its keys in the documented order; over an
 * interval with `live` and `rate`.
 *
 * Written by hand: `JSON.stringify` refuses a `bigint`, and a counter beyond 2^53 must print as a number with all its digits.
 */
export function hostFlowJson(row: FlowRow): string {
  const rate = row.rate === undefined ? '' : `,"rate":${trafficJson(row.rate)}`;
  return `{${identityJson(row)},"stat":${trafficJson(row.total, 'total_')}${rate},"source":"${row.source}"}`;
}

/** The members that say which flow it is, and how many connections it has. */
export function identityJson({ key, name, connections, live }: FlowRow): string {
  const via = key.via === undefined ? '' : `,"via":${endpointJson(key.via)}`;
  return (
    `"direction":"${key.direction}","protocol":"${key.protocol}"` +
    `,"local":${endpointJson(key.local)},"peer":${endpointJson(key.peer, name)}${via}` +
    `,"connections":${connections}${live === undefined ? '' : `,"live":${live}`}`
  );
}

/** Addresses and ports are text of our own making; a name is the text of somebody's DNS. */
function endpointJson({ addr, port }: Endpoint, name?: string): string {
  const end = `{"addr":"${addr}","port":"${port}"`;
  return name === undefined ? `${end}}` : `${end},"name":${JSON.stringify(sanitizeText(name))}}`;
}

/** The counters under flat keys, `prefix` before each. */
export function trafficJson(traffic: Traffic | TrafficRate | null | undefined, prefix = ''): string {
  if (traffic === null || traffic === undefined) return 'null';
  const { inbound, outbound } = traffic;
  return (
    `{"${prefix}inbound_packets":${inbound.packets},"${prefix}inbound_bytes":${inbound.bytes}` +
    `,"${prefix}outbound_packets":${outbound.packets},"${prefix}outbound_bytes":${outbound.bytes}}`
  );
}
