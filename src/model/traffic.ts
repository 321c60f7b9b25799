import type { Counters } from '../../parsers/conntrack/entry.js';
import { addCounters } from '../../parsers/counter.js';

/** Packets and bytes towards (`inbound`) and away from (`outbound`) the local end. */
export interface Traffic {
  readonly inbound: Readonly<Counters>;
  readonly outbound: Readonly<Counters>;
}

/** Packets and bytes per second, rounded to thousandths. */
export interface TrafficRate {
  readonly inbound: { readonly packets: number; readonly bytes: number };
  readonly outbound: { readonly packets: number; readonly bytes: number };
}

/** No packet either way. */
export const NO_TRAFFIC: Traffic = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } };

/** The exact sum. */
export function addTraffic(a: Traffic, b: Traffic): Traffic {
  return { inbound: add(a.inbound, b.inbound), outbound: add(a.outbound, b.outbound) };
}

/** The sum of the known ones; null if none is known. */
export function sumTraffic(traffics: Iterable<Traffic | null | undefined>): Traffic | null {
  let sum: Traffic | null = null;
  for (const traffic of traffics) {
    if (traffic === null || traffic === undefined) continue;
    sum = sum === null ? traffic : addTraffic(sum, traffic);
  }
  return sum;
}

/** True if any packet was counted. */
export function hasTraffic({ inbound, outbound }: Traffic): boolean {
  return inbound.packets > 0 || outbound.packets > 0 || inbound.bytes > 0 || outbound.bytes > 0;
}

/** The average per second; null for an interval without duration. */
export function perSecond({ inbound, outbound }: Traffic, seconds: number): TrafficRate | null {
  if (!(seconds > 0)) return null;
  return { inbound: rate(inbound, seconds), outbound: rate(outbound, seconds) };
}

function rate({ packets, bytes }: Counters, seconds: number): { packets: number; bytes: number } {
  return { packets: toThousandths(Number(packets) / seconds), bytes: toThousandths(Number(bytes) / seconds) };
}

/** Rounds to thousandths, as the clock is no more precise. */
function toThousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function add(a: Counters, b: Counters): Counters {
  return { packets: addCounters(a.packets, b.packets), bytes: addCounters(a.bytes, b.bytes) };
}
