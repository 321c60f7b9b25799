import { addCounters } from '../../parsers/counter.js';
import type { FlowStat, HostFlow } from './host-flow.js';

function addStats(a: FlowStat, b: FlowStat): FlowStat {
  return {
    total_inbound_packets: addCounters(a.total_inbound_packets, b.total_inbound_packets),
    total_inbound_bytes: addCounters(a.total_inbound_bytes, b.total_inbound_bytes),
    total_outbound_packets: addCounters(a.total_outbound_packets, b.total_outbound_packets),
    total_outbound_bytes: addCounters(a.total_outbound_bytes, b.total_outbound_bytes),
  };
}

/**
 * Adds flows up by key. Whatever the key, flows with known counters, flows with unknown ones, and flows from different
 * sources stay apart: no sum says more or less than is known.
 */
export class FlowTotals {
  private readonly flows = new Map<string, HostFlow>();

  /** Adds `flow` to the one of the same key; `combine` gives the identity of two that are put together. */
  add(key: string, flow: HostFlow, combine: (a: HostFlow, b: HostFlow) => HostFlow = (a) => a): void {
    const fullKey = `${flow.source} ${flow.stat === null ? 'unknown' : 'known'} ${key}`;
    const sum = this.flows.get(fullKey);
    if (sum === undefined) {
      this.flows.set(fullKey, flow);
      return;
    }
    this.flows.set(fullKey, {
      ...combine(sum, flow),
      connections: sum.connections + flow.connections,
      stat: sum.stat === null || flow.stat === null ? null : addStats(sum.stat, flow.stat),
    });
  }

  /** The sums, in the order in which their keys first came. */
  values(): HostFlow[] {
    return [...this.flows.values()];
  }
}
