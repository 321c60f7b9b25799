import { addCounters, compareCounters, type Counter } from '../../parsers/counter.js';
import { addressKey, addressRanks, compareText, portRank } from './end-ranks.js';
import type { FlowStat, HostFlow } from './host-flow.js';
import { BIGGEST_KEY, compareColumns, sortPositions, type Key, type SortColumn } from './sort-positions.js';

/** What listings can be ordered by, the default first. */
export const SORT_KEYS = ['bytes', 'in', 'out', 'packets', 'connections', 'peer'] as const;

/** One of {@link SORT_KEYS}. */
export type SortKey = (typeof SORT_KEYS)[number];

/** Flows as an order compares them, by position: their ends as the numbers of {@link PORT_RANK} and {@link ADDRESS_RANK}. */
export interface Sortable {
  readonly length: number;
  peer: Key;
  peerPort: Key;
  local: Key;
  localPort: Key;
  connections: Key;
  stat: (position: number) => FlowStat | null;
  /** For what the numbers leave open. */
  flow: (position: number) => HostFlow;
}

/** The counters of the keys that are one. */
const counters: Partial<Record<SortKey, (stat: FlowStat) => Counter>> = {
  bytes: (stat) => addCounters(stat.total_inbound_bytes, stat.total_outbound_bytes),
  in: (stat) => stat.total_inbound_bytes,
  out: (stat) => stat.total_outbound_bytes,
  packets: (stat) => addCounters(stat.total_inbound_packets, stat.total_outbound_packets),
};

/** Flows whose counters are unknown come behind those where they are known. */
function counterKey(stat: FlowStat | null, counterOf: (stat: FlowStat) => Counter): number {
  return stat === null ? 0 : Math.min(Number(counterOf(stat)) + 1, BIGGEST_KEY);
}

function columnsOf(flows: Sortable, sortKey: SortKey): SortColumn[] {
  const ascending = (key: Key): SortColumn => ({ key, descending: false });
  const descending = (key: Key): SortColumn => ({ key, descending: true });
  const connections = descending(flows.connections);
  const peer = [ascending(flows.peer), ascending(flows.peerPort)];
  const local = [ascending(flows.local), ascending(flows.localPort)];
  if (sortKey === 'peer') return [...peer, connections, ...local];
  const counterOf = counters[sortKey];
  if (counterOf === undefined) return [connections, ...peer, ...local];
  const counter = descending((position) => counterKey(flows.stat(position), counterOf));
  return [counter, connections, ...peer, ...local];
}

/**
 * The positions of flows in order: the biggest first, by connections where the key does not decide, ties in a fixed order,
 * so that two runs over the same input print the same. `reverse` turns the whole order round.
 */
export function orderPositions(flows: Sortable, sortKey: SortKey, reverse: boolean): Uint32Array {
  const columns = columnsOf(flows, sortKey);
  const counterOf = counters[sortKey];
  const order = sortPositions(
    flows.length,
    columns,
    (a, b) =>
      compareExactly(flows.stat(a), flows.stat(b), counterOf) ||
      compareColumns(columns, a, b) ||
      compareRest(flows.flow(a), flows.flow(b)),
  );
  return reverse ? order.reverse() : order;
}

function compareExactly(
  a: FlowStat | null,
  b: FlowStat | null,
  counterOf: ((stat: FlowStat) => Counter) | undefined,
): number {
  return a === null || b === null || counterOf === undefined
    ? 0
    : compareCounters(counterOf(b), counterOf(a));
}

/** Makes the order total. */
function compareRest(a: HostFlow, b: HostFlow): number {
  return (
    compareText(a.direction, b.direction) ||
    compareText(a.protocol, b.protocol) ||
    compareText(viaKey(a), viaKey(b)) ||
    compareText(a.source, b.source) ||
    Number(a.stat === null) - Number(b.stat === null)
  );
}

function viaKey({ via }: HostFlow): string {
  return via === undefined ? '' : `${addressKey(via.addr)} ${via.port.padStart(5, '0')}`;
}

/** The flows as {@link orderPositions} has them. */
export function orderFlows<Flow extends HostFlow>(
  flows: readonly Flow[],
  sortKey: SortKey,
  reverse: boolean,
): Flow[] {
  const order = orderPositions(sortable(flows), sortKey, reverse);
  return Array.from(order, (position) => at(flows, position));
}

function sortable(flows: readonly HostFlow[]): Sortable {
  const addressRank = addressRanks(flows);
  return {
    length: flows.length,
    peer: (position) => addressRank(at(flows, position).peer.addr),
    peerPort: (position) => portRank(at(flows, position).peer.port),
    local: (position) => addressRank(at(flows, position).local.addr),
    localPort: (position) => portRank(at(flows, position).local.port),
    connections: (position) => at(flows, position).connections,
    stat: (position) => at(flows, position).stat,
    flow: (position) => at(flows, position),
  };
}

function at<Flow>(flows: readonly Flow[], position: number): Flow {
  const flow = flows[position];
  if (flow === undefined) throw new RangeError(`no flow at ${position} of ${flows.length}`);
  return flow;
}
