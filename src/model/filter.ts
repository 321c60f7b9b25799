import type { AddressSet } from './address-set.js';
import { servicePort } from './grouping.js';
import type { Direction, HostFlow } from './host-flow.js';
import { isPrivateAddress } from './private-addresses.js';

/** Which peers `--filter` lets through, the default first. */
export const PEER_SCOPES = ['all', 'public', 'private'] as const;

/** One of {@link PEER_SCOPES}. */
export type PeerScope = (typeof PEER_SCOPES)[number];

/** An inclusive range of ports. */
export interface PortRange {
  first: number;
  last: number;
}

/** Which flows to show. An absent or empty list lets everything through. */
export interface FlowFilter {
  directions: readonly Direction[];
  /** Service ports of flows that are not passive: `--active-port`. */
  activePorts: readonly PortRange[];
  /** Service ports of passive flows: `--passive-port`. */
  passivePorts: readonly PortRange[];
  /** Labels as {@link HostFlow.protocol} has them. */
  protocols: readonly string[];
  peers: AddressSet | undefined;
  scope: PeerScope;
}

/** What a filter asks of a flow. */
export type FilteredFlow = Pick<HostFlow, 'direction' | 'protocol' | 'local' | 'peer'>;

/** Whether a flow (not yet grouped) passes. Different criteria must all hold; of one criterion any value will do. */
export function passes(flow: FilteredFlow, filter: FlowFilter): boolean {
  return (
    filter.directions.some((direction) => direction === flow.direction) &&
    passesPorts(flow, filter) &&
    (filter.protocols.length === 0 || filter.protocols.includes(flow.protocol)) &&
    (filter.peers === undefined || filter.peers.has(flow.peer.addr)) &&
    (filter.scope === 'all' || isPrivateAddress(flow.peer.addr) === (filter.scope === 'private'))
  );
}

/** Each list narrows its own directions and leaves the others alone. */
function passesPorts(flow: FilteredFlow, { activePorts, passivePorts }: FlowFilter): boolean {
  const ranges = flow.direction === 'passive' ? passivePorts : activePorts;
  if (ranges.length === 0) return true;
  const port = Number(servicePort(flow));
  return ranges.some(({ first, last }) => port >= first && port <= last);
}
