import type { HostFlow } from './host-flow.js';

/**
 * Host flows in order. An array is one; others make each flow when it is asked for, so that a long listing never stands
 * in memory as objects.
 */
export interface FlowList extends Iterable<HostFlow> {
  readonly length: number;
  /** The flows from `start` on, up to `end`, which is left out. */
  slice: (start: number, end: number) => FlowList;
}

/** Whether any of the flows is as asked. */
export function someFlow(flows: Iterable<HostFlow>, test: (flow: HostFlow) => boolean): boolean {
  for (const flow of flows) if (test(flow)) return true;
  return false;
}

/** The flows, each changed when it is asked for. */
export function mapFlows(flows: FlowList, change: (flow: HostFlow) => HostFlow): FlowList {
  return {
    length: flows.length,
    slice: (start, end) => mapFlows(flows.slice(start, end), change),
    *[Symbol.iterator]() {
      for (const flow of flows) yield change(flow);
    },
  };
}

/** The flows that `limit` lets through: the first ones; 0 lets through all. */
export function limitFlows(flows: FlowList, limit: number): FlowList {
  return limit > 0 && limit < flows.length ? flows.slice(0, limit) : flows;
}
