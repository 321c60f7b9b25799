import type { FlowRow } from './flow-row.js';

/**
 * Rows in order. An array is one. Other lists make each row on demand, so that a long listing is never in memory as objects.
 */
export interface FlowList extends Iterable<FlowRow> {
  readonly length: number;
  /** The rows from `start` up to, but without, `end`. */
  slice: (start: number, end: number) => FlowList;
}

/** True if any of the rows passes the test. */
export function someRow(rows: Iterable<FlowRow>, test: (row: FlowRow) => boolean): boolean {
  for (const row of rows) if (test(row)) return true;
  return false;
}

/** The rows, each changed when it is asked for. */
export function mapRows(rows: FlowList, change: (row: FlowRow) => FlowRow): FlowList {
  return {
    length: rows.length,
    slice: (start, end) => mapRows(rows.slice(start, end), change),
    *[Symbol.iterator]() {
      for (const row of rows) yield change(row);
    },
  };
}

/** The first `limit` rows; 0 lets all through. */
export function limitRows(rows: FlowList, limit: number): FlowList {
  return limit > 0 && limit < rows.length ? rows.slice(0, limit) : rows;
}

/** The rows with the names of their peers, if `names` (by address) has them. */
export function withNames(rows: FlowList, names: ReadonlyMap<string, string>): FlowList {
  return mapRows(rows, (row) => withName(row, names));
}

/** The row with the name of its peer. */
export function withName(row: FlowRow, names: ReadonlyMap<string, string>): FlowRow {
  const name = names.get(row.key.peer.addr);
  return name === undefined ? row : { ...row, name };
}
