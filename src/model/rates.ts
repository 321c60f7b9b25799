import { addCounters, type Counter } from '../../parsers/counter.js';
import type { AccountingInterval } from '../engine/accounting/accounting.js';
import type { Traffic } from '../engine/accounting/flow-account.js';
import { passes, type FlowFilter } from './filter.js';
import { groupFlows, type Grouping } from './grouping.js';
import type { FlowStat, HostFlow } from './host-flow.js';
import { orderFlows, type SortKey } from './order.js';

/** What tells one host flow from another. */
export type FlowIdentity = Omit<HostFlow, 'connections' | 'stat' | 'rate'>;

/** Packets and bytes per second, rounded to thousandths. */
export interface TrafficRate {
  inbound: { packets: number; bytes: number };
  outbound: { packets: number; bytes: number };
}

/** What one host flow carried in an interval and since the start. The numbers are all known or all `null`. */
export interface FlowRate extends FlowIdentity {
  /** The live ones. */
  connections: number;
  /** In the interval. */
  delta: Traffic | null;
  /** In the interval, per second. */
  rate: TrafficRate | null;
  /** Since the start. */
  total: Traffic | null;
}

/** What rows can be ordered by, the default first. `in`, `out` and `packets` mean the current rate, `total` the bytes since the start. */
export const RATE_SORT_KEYS = ['rate', 'in', 'out', 'packets', 'connections', 'total', 'peer'] as const;

/** One of {@link RATE_SORT_KEYS}. */
export type RateSortKey = (typeof RATE_SORT_KEYS)[number];

/** The order that the listing's `--sort` means where there are rates: its bytes are those of the moment. */
export function rateSortKey(key: SortKey): RateSortKey {
  return key === 'bytes' ? 'rate' : key;
}

/** The host flows of an interval that took `seconds` by the clock; where a filter is given, those that pass. */
export function flowRates(
  interval: Pick<AccountingInterval<FlowIdentity>, 'flows'>,
  seconds: number,
  filter?: FlowFilter,
): FlowRate[] {
  const rates = interval.flows.map(({ flow, live, delta, total }): FlowRate => {
    const isKnown = delta !== null && total !== null;
    return {
      ...flow,
      connections: live,
      delta: isKnown ? delta : null,
      rate: isKnown ? trafficRate(delta, seconds) : null,
      total: isKnown ? total : null,
    };
  });
  return filter === undefined ? rates : rates.filter((rate) => passes(totalFlow(rate), filter));
}

/** The host flow as the listing has it, its counters being those since the start. */
export function totalFlow(rate: FlowRate): HostFlow {
  return hostFlow(rate, rate.total);
}

function deltaFlow(rate: FlowRate): HostFlow {
  return hostFlow(rate, rate.delta);
}

function hostFlow(rate: FlowRate, traffic: Traffic | null): HostFlow {
  const { direction, protocol, local, peer, via, connections, source } = rate;
  const identity = { direction, protocol, local, peer, connections, source, stat: statOf(traffic) };
  return via === undefined ? identity : { ...identity, via };
}

function statOf(traffic: Traffic | null): FlowStat | null {
  if (traffic === null) return null;
  const { inbound, outbound } = traffic;
  return {
    total_inbound_packets: inbound.packets,
    total_inbound_bytes: inbound.bytes,
    total_outbound_packets: outbound.packets,
    total_outbound_bytes: outbound.bytes,
  };
}

function trafficOf(stat: FlowStat | null): Traffic | null {
  if (stat === null) return null;
  return {
    inbound: { packets: stat.total_inbound_packets, bytes: stat.total_inbound_bytes },
    outbound: { packets: stat.total_outbound_packets, bytes: stat.total_outbound_bytes },
  };
}

/** Traffic per second; `null` for an interval without duration. */
export function trafficRate({ inbound, outbound }: Traffic, seconds: number): TrafficRate | null {
  if (!(seconds > 0)) return null;
  const perSecond = (counter: Counter): number => Math.round((Number(counter) / seconds) * 1000) / 1000;
  return {
    inbound: { packets: perSecond(inbound.packets), bytes: perSecond(inbound.bytes) },
    outbound: { packets: perSecond(outbound.packets), bytes: perSecond(outbound.bytes) },
  };
}

/** The sum of several; `undefined` where none is known. */
export function sumTraffic(traffics: Iterable<Traffic | null>): Traffic | undefined {
  let isKnown = false;
  const inbound: Traffic['inbound'] = { packets: 0, bytes: 0 };
  const outbound: Traffic['outbound'] = { packets: 0, bytes: 0 };
  for (const traffic of traffics) {
    if (traffic === null) continue;
    isKnown = true;
    addInto(inbound, traffic.inbound);
    addInto(outbound, traffic.outbound);
  }
  return isKnown ? { inbound, outbound } : undefined;
}

function addInto(sum: { packets: Counter; bytes: Counter }, more: Traffic['inbound']): void {
  sum.packets = addCounters(sum.packets, more.packets);
  sum.bytes = addCounters(sum.bytes, more.bytes);
}

/** Adds flows up as the listing does; `seconds` is the duration of the interval. */
export function groupRates(rates: readonly FlowRate[], grouping: Grouping, seconds: number): FlowRate[] {
  if (grouping === 'flow') return [...rates];
  const totals = groupFlows(rates.map(totalFlow), grouping);
  // Deltas are unknown exactly where totals are, so both come in the same groups and order.
  const deltas = groupFlows(rates.map(deltaFlow), grouping);
  return totals.map(({ stat, ...identity }, index) => {
    const delta = trafficOf(deltas[index]?.stat ?? null);
    return {
      ...identity,
      delta,
      rate: delta && trafficRate(delta, seconds),
      total: trafficOf(stat),
    };
  });
}

const orders: Record<RateSortKey, { key: SortKey; flow: (rate: FlowRate) => HostFlow }> = {
  rate: { key: 'bytes', flow: deltaFlow },
  in: { key: 'in', flow: deltaFlow },
  out: { key: 'out', flow: deltaFlow },
  packets: { key: 'packets', flow: deltaFlow },
  connections: { key: 'connections', flow: totalFlow },
  total: { key: 'bytes', flow: totalFlow },
  peer: { key: 'peer', flow: totalFlow },
};

/** The flows in order, the biggest first. By current rate, those that carry nothing follow by their totals. */
export function orderRates(rates: readonly FlowRate[], sort: RateSortKey, reverse: boolean): FlowRate[] {
  if (sort === 'total' || sort === 'peer' || sort === 'connections') return ordered(rates, sort, reverse);
  const moving: FlowRate[] = [];
  const still: FlowRate[] = [];
  for (const rate of rates) (isMoving(rate, sort) ? moving : still).push(rate);
  const parts = [ordered(moving, sort, reverse), ordered(still, 'total', reverse)];
  return (reverse ? parts.reverse() : parts).flat();
}

function isMoving({ delta }: FlowRate, sort: 'rate' | 'in' | 'out' | 'packets'): boolean {
  if (delta === null) return false;
  return (sort !== 'out' && delta.inbound.bytes > 0) || (sort !== 'in' && delta.outbound.bytes > 0);
}

function ordered(rates: readonly FlowRate[], sort: RateSortKey, reverse: boolean): FlowRate[] {
  const { key, flow } = orders[sort];
  const flows = rates.map((rate) => ({ ...flow(rate), record: rate }));
  return orderFlows(flows, key, reverse).map(({ record }) => record);
}
