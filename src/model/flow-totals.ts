import { addCounters } from '../../parsers/counter.js';
import type { FlowStat, HostFlow } from './host-flow.js';

function addInto(sum: FlowStat, more: FlowStat): void {
  sum.total_inbound_packets = addCounters(sum.total_inbound_packets, more.total_inbound_packets);
  sum.total_inbound_bytes = addCounters(sum.total_inbound_bytes, more.total_inbound_bytes);
  sum.total_outbound_packets = addCounters(sum.total_outbound_packets, more.total_outbound_packets);
  sum.total_outbound_bytes = addCounters(sum.total_outbound_bytes, more.total_outbound_bytes);
}

/**
 * Adds flows up by key. Whatever the key, flows with known counters, flows with unknown ones, and flows from different
 * sources stay apart: no sum says more or less than is known.
 */
export class FlowTotals {
  private readonly flows = new Map<string, HostFlow>();

  /** Adds `flow` to the sum of the same key; `combine` adjusts the sum's identity where `flow` has another one. */
  add(key: string, flow: HostFlow, combine?: (sum: HostFlow, flow: HostFlow) => void): void {
    const fullKey = `${flow.source} ${flow.stat === null ? '-' : '+'} ${key}`;
    const sum = this.flows.get(fullKey);
    if (sum === undefined) {
      this.flows.set(fullKey, { ...flow, stat: flow.stat && { ...flow.stat } });
      return;
    }
    combine?.(sum, flow);
    sum.connections += flow.connections;
    if (sum.stat !== null && flow.stat !== null) addInto(sum.stat, flow.stat);
  }

  /** The sums, in the order in which their keys first came. */
  values(): HostFlow[] {
    return [...this.flows.values()];
  }
}
