import { MANY, servicePort, type Endpoint, type FlowKey, type FlowRow } from './flow-row.js';
import { addTraffic, perSecond, type Traffic } from './traffic.js';

/** The ways to group rows, the default first. */
export const GROUPINGS = ['flow', 'peer', 'port', 'local'] as const;

/** One of {@link GROUPINGS}. */
export type Grouping = (typeof GROUPINGS)[number];

interface GroupingRule {
  /** Rows with the same text go together. */
  groupOf: (key: FlowKey) => string;
  /** The key of both. A field in which they differ reads `many`. */
  combine: (sum: FlowKey, key: FlowKey) => FlowKey;
}

const rules: Record<Exclude<Grouping, 'flow'>, GroupingRule> = {
  peer: { groupOf: ({ peer }) => peer.addr, combine },
  port: { groupOf: servicePort, combine: combineByPort },
  local: { groupOf: ({ local }) => local.addr, combine },
};

/**
 * Adds up the rows that agree in the field that `grouping` names. Rows with known counters, rows with unknown counters, and rows of
 * different sources stay apart, so that every sum is complete. Groups come in the order of their first rows. Names are dropped, as
 * a group may have several.
 *
 * @param seconds the length of the interval, for `rate`
 */
export function groupRows(rows: Iterable<FlowRow>, grouping: Grouping, seconds = 0): FlowRow[] {
  if (grouping === 'flow') return [...rows];
  const { groupOf, combine: combineKeys } = rules[grouping];
  const groups = new Map<string, FlowRow>();
  for (const row of rows) {
    const group = `${row.source} ${row.total === null ? '-' : '+'} ${groupOf(row.key)}`;
    const sum = groups.get(group);
    if (sum === undefined) groups.set(group, withoutName(row));
    else addInto(sum, row, combineKeys(sum.key, row.key));
  }
  const sums = [...groups.values()];
  for (const sum of sums)
    if (sum.rate !== undefined) sum.rate = sum.delta ? perSecond(sum.delta, seconds) : null;
  return sums;
}

function withoutName({ name: _, ...row }: FlowRow): FlowRow {
  return row;
}

function addInto(sum: FlowRow, row: FlowRow, key: FlowKey): void {
  sum.key = key;
  sum.connections += row.connections;
  sum.total = both(sum.total, row.total);
  if (sum.live !== undefined && row.live !== undefined) sum.live += row.live;
  if (sum.delta !== undefined && row.delta !== undefined) sum.delta = both(sum.delta, row.delta);
}

function both(a: Traffic | null, b: Traffic | null): Traffic | null {
  return a === null || b === null ? null : addTraffic(a, b);
}

function combine(sum: FlowKey, key: FlowKey): FlowKey {
  const via = combineVias(sum.via, key.via);
  const zone = sum.zone === key.zone ? sum.zone : MANY;
  const state = sum.state === key.state ? sum.state : MANY;
  return {
    direction: sum.direction === key.direction ? sum.direction : MANY,
    protocol: same(sum.protocol, key.protocol),
    local: combineEnds(sum.local, key.local),
    peer: combineEnds(sum.peer, key.peer),
    ...(via === undefined ? {} : { via }),
    ...(zone === undefined ? {} : { zone }),
    ...(state === undefined ? {} : { state }),
  };
}

/** Combines flows of one service port. An end shows that port if it has it in any of the flows. */
function combineByPort(sum: FlowKey, key: FlowKey): FlowKey {
  const port = servicePort(key);
  const combined = combine(sum, key);
  if ([sum.local.port, key.local.port].includes(port)) combined.local.port = port;
  if ([sum.peer.port, key.peer.port].includes(port)) combined.peer.port = port;
  return combined;
}

/** `many` if only some of the flows have a `via`; no `via` would claim that none has. */
function combineVias(a: Endpoint | undefined, b: Endpoint | undefined): Endpoint | undefined {
  if (a === undefined && b === undefined) return undefined;
  return a === undefined || b === undefined ? { addr: MANY, port: MANY } : combineEnds(a, b);
}

function same(a: string, b: string): string {
  return a === b ? a : MANY;
}

function combineEnds(a: Endpoint, b: Endpoint): Endpoint {
  return { addr: same(a.addr, b.addr), port: same(a.port, b.port) };
}
