import { FlowTotals } from './flow-totals.js';
import { MANY, type Endpoint, type HostFlow } from './host-flow.js';

/** What flows can be put together by, the default first. */
export const GROUPINGS = ['flow', 'peer', 'port', 'local'] as const;

/** One of {@link GROUPINGS}. */
export type Grouping = (typeof GROUPINGS)[number];

/** The port of the side that accepts. */
export function servicePort(flow: Pick<HostFlow, 'direction' | 'local' | 'peer'>): string {
  return flow.direction === 'passive' ? flow.local.port : flow.peer.port;
}

const keys: Record<Exclude<Grouping, 'flow'>, (flow: HostFlow) => string> = {
  peer: (flow) => flow.peer.addr,
  port: servicePort,
  local: (flow) => flow.local.addr,
};

/**
 * Adds up the flows that agree in what `grouping` names; a field in which they differ reads `many`. By port, an end that
 * has the service port in some of the flows shows it: it is what they have in common.
 */
export function groupFlows(flows: Iterable<HostFlow>, grouping: Grouping): HostFlow[] {
  if (grouping === 'flow') return [...flows];
  const totals = new FlowTotals();
  for (const flow of flows) totals.add(keys[grouping](flow), flow, combiners[grouping]);
  return totals.values();
}

const combiners: Record<Exclude<Grouping, 'flow'>, (sum: HostFlow, flow: HostFlow) => void> = {
  peer: combine,
  port: combineByPort,
  local: combine,
};

function combine(sum: HostFlow, flow: HostFlow): void {
  const via = combineVias(sum.via, flow.via);
  if (via !== undefined) sum.via = via;
  if (sum.direction !== flow.direction) sum.direction = MANY;
  sum.protocol = same(sum.protocol, flow.protocol);
  sum.local = combineEnds(sum.local, flow.local);
  sum.peer = combineEnds(sum.peer, flow.peer);
}

function combineByPort(sum: HostFlow, flow: HostFlow): void {
  const port = servicePort(flow);
  const local = [sum.local.port, flow.local.port];
  const peer = [sum.peer.port, flow.peer.port];
  combine(sum, flow);
  if (local.includes(port)) sum.local.port = port;
  if (peer.includes(port)) sum.peer.port = port;
}

/** Where some flows were dialled by another address and some were not, `many` tells that from "none was". */
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
