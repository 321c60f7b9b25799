import { addCounters, compareCounters, type Counter } from '../../parsers/counter.js';
import { addressKey, addressRanks, compareText, portRank } from './end-ranks.js';
import type { FlowRow } from './flow-row.js';
import { BIGGEST_KEY, compareColumns, sortPositions, type Key, type SortColumn } from './sort-positions.js';
import type { Traffic } from './traffic.js';

/** The orders of listings, the default first. */
export const SORT_KEYS = ['bytes', 'in', 'out', 'packets', 'connections', 'peer'] as const;

/** One of {@link SORT_KEYS}. */
export type SortKey = (typeof SORT_KEYS)[number];

/** An order of rows. */
export interface RowOrder {
  key: SortKey;
  /** The traffic that `bytes`, `in`, `out` and `packets` mean. Rows with equal deltas are ordered by their totals. */
  by: 'total' | 'delta';
  /** True to reverse the whole order. */
  reverse: boolean;
}

/** The keys that are a counter of some traffic. */
export type CounterKey = Extract<SortKey, 'bytes' | 'in' | 'out' | 'packets'>;

const counters: Record<CounterKey, (traffic: Traffic) => Counter> = {
  bytes: ({ inbound, outbound }) => addCounters(inbound.bytes, outbound.bytes),
  in: ({ inbound }) => inbound.bytes,
  out: ({ outbound }) => outbound.bytes,
  packets: ({ inbound, outbound }) => addCounters(inbound.packets, outbound.packets),
};

/** Rows by position, as an order compares them. Ends are numbers by `PORT_RANK` and `ADDRESS_RANK`. */
export interface Sortable {
  readonly length: number;
  peer: Key;
  peerPort: Key;
  local: Key;
  localPort: Key;
  connections: Key;
  /** Undefined if the counters are unknown. */
  counter: (position: number, key: CounterKey, by: RowOrder['by']) => Counter | undefined;
  /** The row itself, for ties that the numbers leave open. */
  row: (position: number) => FlowRow;
}

interface CounterColumn {
  key: CounterKey;
  by: RowOrder['by'];
}

function counterColumns({ key, by }: RowOrder): CounterColumn[] {
  if (key === 'peer' || key === 'connections') return [];
  return by === 'total'
    ? [{ key, by }]
    : [
        { key, by },
        { key: 'bytes', by: 'total' },
      ];
}

/** Puts rows with unknown counters behind rows with known counters. */
function counterRank(counter: Counter | undefined): number {
  return counter === undefined ? 0 : Math.min(Number(counter) + 1, BIGGEST_KEY);
}

function columnsOf(rows: Sortable, order: RowOrder): SortColumn[] {
  const ascending = (key: Key): SortColumn => ({ key, descending: false });
  const descending = (key: Key): SortColumn => ({ key, descending: true });
  const connections = descending(rows.connections);
  const peer = [ascending(rows.peer), ascending(rows.peerPort)];
  const local = [ascending(rows.local), ascending(rows.localPort)];
  if (order.key === 'peer') return [...peer, connections, ...local];
  const amounts = counterColumns(order).map(({ key, by }) =>
    descending((position) => counterRank(rows.counter(position, key, by))),
  );
  return [...amounts, connections, ...peer, ...local];
}

/**
 * The positions of rows in order, the biggest first. If the key does not decide, connections do. Ties have a fixed order, so that
 * two runs over the same input print the same.
 */
export function orderPositions(rows: Sortable, order: RowOrder): Uint32Array {
  const columns = columnsOf(rows, order);
  const exact = counterColumns(order);
  const positions = sortPositions(
    rows.length,
    columns,
    (a, b) =>
      compareExactly(rows, exact, a, b) ||
      compareColumns(columns, a, b) ||
      compareRest(rows.row(a), rows.row(b)),
  );
  return order.reverse ? positions.reverse() : positions;
}

function compareExactly(rows: Sortable, columns: readonly CounterColumn[], a: number, b: number): number {
  for (const { key, by } of columns) {
    const [one, other] = [rows.counter(a, key, by), rows.counter(b, key, by)];
    if (one === undefined || other === undefined) return 0;
    const difference = compareCounters(other, one);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Decides ties that all columns leave open. */
function compareRest(a: FlowRow, b: FlowRow): number {
  return (
    compareText(a.key.direction, b.key.direction) ||
    compareText(a.key.protocol, b.key.protocol) ||
    compareText(viaKey(a), viaKey(b)) ||
    Number(a.key.zone ?? 0) - Number(b.key.zone ?? 0) ||
    compareText(a.key.state ?? '', b.key.state ?? '') ||
    compareText(a.source, b.source) ||
    Number(a.total === null) - Number(b.total === null)
  );
}

function viaKey({ key: { via } }: FlowRow): string {
  return via === undefined ? '' : `${addressKey(via.addr)} ${via.port.padStart(5, '0')}`;
}

/** The rows in the order of {@link orderPositions}. */
export function orderRows(rows: readonly FlowRow[], order: RowOrder): FlowRow[] {
  return Array.from(orderPositions(sortable(rows), order), (position) => at(rows, position));
}

function sortable(rows: readonly FlowRow[]): Sortable {
  const addressRank = addressRanks(rows);
  return {
    length: rows.length,
    peer: (position) => addressRank(at(rows, position).key.peer.addr),
    peerPort: (position) => portRank(at(rows, position).key.peer.port),
    local: (position) => addressRank(at(rows, position).key.local.addr),
    localPort: (position) => portRank(at(rows, position).key.local.port),
    connections: (position) => at(rows, position).connections,
    counter: (position, key, by) => {
      const traffic = at(rows, position)[by];
      return traffic ? counters[key](traffic) : undefined;
    },
    row: (position) => at(rows, position),
  };
}

function at(rows: readonly FlowRow[], position: number): FlowRow {
  const row = rows[position];
  if (row === undefined) throw new RangeError(`no row at ${position} of ${rows.length}`);
  return row;
}
