import type { Counter } from '../../../parsers/counter.js';
import type { AverageRate, FlowStat, HostFlow } from '../../model/host-flow.js';
import type { FlowInterval, Traffic } from './flow-account.js';

/** The host flows of a measurement: what each carried since the start. Flows that carried nothing are left out. */
export function measuredFlows(intervals: readonly FlowInterval<HostFlow>[]): HostFlow[] {
  return intervals
    .filter(({ total }) => total === null || hasTraffic(total))
    .map(({ flow, live, ended, total }) => ({
      ...flow,
      connections: live + ended,
      stat: total === null ? null : statOf(total),
    }));
}

/** The flows with what they carried in a second, on average. */
export function withRates(flows: readonly HostFlow[], seconds: number): HostFlow[] {
  return flows.map((flow) => ({ ...flow, rate: flow.stat === null ? null : rateOf(flow.stat, seconds) }));
}

function hasTraffic({ inbound, outbound }: Traffic): boolean {
  return inbound.packets > 0 || outbound.packets > 0;
}

function statOf({ inbound, outbound }: Traffic): FlowStat {
  return {
    total_inbound_packets: inbound.packets,
    total_inbound_bytes: inbound.bytes,
    total_outbound_packets: outbound.packets,
    total_outbound_bytes: outbound.bytes,
  };
}

function rateOf(stat: FlowStat, seconds: number): AverageRate {
  const perSecond = (counter: Counter): number => round(Number(counter) / seconds);
  return {
    inbound_packets: perSecond(stat.total_inbound_packets),
    inbound_bytes: perSecond(stat.total_inbound_bytes),
    outbound_packets: perSecond(stat.total_outbound_packets),
    outbound_bytes: perSecond(stat.total_outbound_bytes),
  };
}

/** To thousandths: more digits than the clock is good for. */
function round(rate: number): number {
  return Math.round(rate * 1000) / 1000;
}
