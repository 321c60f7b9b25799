import type { AddressSet } from './address-set.js';
import { servicePort, type Direction, type FlowKey } from './flow-row.js';
import { isPrivateAddress } from './private-addresses.js';

/** The scopes of `--filter`, the default first. */
export const PEER_SCOPES = ['all', 'public', 'private'] as const;

/** One of {@link PEER_SCOPES}. */
export type PeerScope = (typeof PEER_SCOPES)[number];

/** An inclusive range of ports. */
export interface PortRange {
  first: number;
  last: number;
}

/** The flows to show. An empty list lets everything through. */
export interface FlowFilter {
  directions: readonly Direction[];
  /** Service ports of flows that are not passive: `--active-port`. */
  activePorts: readonly PortRange[];
  /** Service ports of passive flows: `--passive-port`. */
  passivePorts: readonly PortRange[];
  /** Labels as in {@link FlowKey.protocol}. */
  protocols: readonly string[];
  peers: AddressSet | undefined;
  /** Conntrack zones. */
  zones: readonly number[];
  /** Names of states. */
  states: readonly string[];
  scope: PeerScope;
}

/** True if a flow (not grouped) passes. All criteria must hold. A criterion holds if any of its values does. */
export function passes(key: FlowKey, filter: FlowFilter): boolean {
  const { direction, protocol, peer } = key;
  return (
    filter.directions.some((name) => name === direction) &&
    passesPorts(key, filter) &&
    (filter.protocols.length === 0 || filter.protocols.includes(protocol)) &&
    (filter.peers === undefined || filter.peers.has(peer.addr)) &&
    (filter.zones.length === 0 || filter.zones.includes(Number(key.zone ?? 0))) &&
    (filter.states.length === 0 || filter.states.includes(key.state ?? '')) &&
    (filter.scope === 'all' || isPrivateAddress(peer.addr) === (filter.scope === 'private'))
  );
}

/** Each list of ports narrows its own directions only. */
function passesPorts(key: FlowKey, { activePorts, passivePorts }: FlowFilter): boolean {
  const ranges = key.direction === 'passive' ? passivePorts : activePorts;
  if (ranges.length === 0) return true;
  const port = Number(servicePort(key));
  return ranges.some(({ first, last }) => port >= first && port <= last);
}
