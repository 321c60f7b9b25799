import { addCounters, compareCounters, type Counter } from '../../parsers/counter.js';
import type { HostFlow } from './host-flow.js';

/** What listings can be ordered by, the default first. */
export const SORT_KEYS = ['bytes', 'in', 'out', 'packets', 'connections', 'peer'] as const;

/** One of {@link SORT_KEYS}. */
export type SortKey = (typeof SORT_KEYS)[number];

type Compare = (a: HostFlow, b: HostFlow) => number;

/** Biggest first by a counter; flows whose counters are unknown come behind those where they are known. */
function byCounter(counterOf: (stat: NonNullable<HostFlow['stat']>) => Counter): Compare {
  return (a, b) => {
    if (a.stat === null || b.stat === null) return Number(a.stat === null) - Number(b.stat === null);
    return compareCounters(counterOf(b.stat), counterOf(a.stat));
  };
}

const byConnections: Compare = (a, b) => b.connections - a.connections;

const comparisons: Record<SortKey, Compare> = {
  bytes: byCounter((stat) => addCounters(stat.total_inbound_bytes, stat.total_outbound_bytes)),
  in: byCounter((stat) => stat.total_inbound_bytes),
  out: byCounter((stat) => stat.total_outbound_bytes),
  packets: byCounter((stat) => addCounters(stat.total_inbound_packets, stat.total_outbound_packets)),
  connections: byConnections,
  peer: (a, b) => compareAddresses(a.peer.addr, b.peer.addr) || comparePorts(a.peer.port, b.peer.port),
};

/** IPv4 before IPv6, and each in the order of its numbers. */
function compareAddresses(a: string, b: string): number {
  if (a === b) return 0;
  const family = Number(a.includes(':')) - Number(b.includes(':'));
  return family !== 0 ? family : compareText(addressKey(a), addressKey(b));
}

function addressKey(address: string): string {
  if (!address.includes(':')) return address.replace(/[0-9]+/g, (digits) => digits.padStart(3, '0'));
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(':');
}

function comparePorts(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) || difference === 0 ? compareText(a, b) : difference;
}

/** By code units: the same everywhere, whatever the locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Makes the order total, so that two runs over the same input print the same. */
function byIdentity(a: HostFlow, b: HostFlow): number {
  return (
    compareAddresses(a.peer.addr, b.peer.addr) ||
    comparePorts(a.peer.port, b.peer.port) ||
    compareAddresses(a.local.addr, b.local.addr) ||
    comparePorts(a.local.port, b.local.port) ||
    compareText(a.direction, b.direction) ||
    compareText(a.protocol, b.protocol) ||
    compareText(viaKey(a), viaKey(b)) ||
    compareText(a.source, b.source) ||
    Number(a.stat === null) - Number(b.stat === null)
  );
}

function viaKey({ via }: HostFlow): string {
  return via === undefined ? '' : `${addressKey(via.addr)} ${via.port.padStart(5, '0')}`;
}

/**
 * What a key compares first, as a double: the bigger comes first. A counter beyond 2^53 is rounded, which keeps the order
 * and may make ties.
 */
const magnitudes: Record<SortKey, (flow: HostFlow) => number> = {
  bytes: ({ stat }) =>
    stat === null ? -1 : Number(addCounters(stat.total_inbound_bytes, stat.total_outbound_bytes)),
  in: ({ stat }) => (stat === null ? -1 : Number(stat.total_inbound_bytes)),
  out: ({ stat }) => (stat === null ? -1 : Number(stat.total_outbound_bytes)),
  packets: ({ stat }) =>
    stat === null ? -1 : Number(addCounters(stat.total_inbound_packets, stat.total_outbound_packets)),
  connections: ({ connections }) => connections,
  peer: ({ peer }) => -addressRank(peer.addr),
};

const IPV4_ADDRESSES = 2 ** 32;

/** Where an address stands among all: IPv4 by number, then `many`, then IPv6, all of it alike. */
function addressRank(address: string): number {
  if (address.includes(':')) return IPV4_ADDRESSES + 1;
  let rank = 0;
  let octet = 0;
  for (let index = 0; index < address.length; index++) {
    const digit = address.charCodeAt(index) - 48;
    if (digit > 9) return IPV4_ADDRESSES;
    if (digit >= 0) octet = octet * 10 + digit;
    else {
      rank = (rank + octet) * 256;
      octet = 0;
    }
  }
  return rank + octet;
}

/**
 * The flows in order: the biggest first, by connections where the key does not decide, ties in a fixed order.
 * `reverse` turns the whole order round.
 */
export function orderFlows<Flow extends HostFlow>(
  flows: readonly Flow[],
  key: SortKey,
  reverse: boolean,
): Flow[] {
  const compareWhole: Compare = (a, b) => comparisons[key](a, b) || byConnections(a, b) || byIdentity(a, b);
  // What nearly always decides, as plain numbers by index: to compare the flows themselves takes ten times as long.
  const magnitude = Float64Array.from(flows, magnitudes[key]);
  const connections = Float64Array.from(flows, (flow) => flow.connections);
  const peer = Float64Array.from(flows, (flow) => addressRank(flow.peer.addr));
  const compare = (a: number, b: number): number => {
    const [ours = 0, theirs = 0] = [magnitude[a], magnitude[b]];
    if (ours !== theirs) return theirs - ours;
    // Rounded ones may be no tie at all, and among equal peers it is the port that comes next.
    if (ours <= Number.MAX_SAFE_INTEGER && key !== 'peer') {
      const nearer = (connections[b] ?? 0) - (connections[a] ?? 0) || (peer[a] ?? 0) - (peer[b] ?? 0);
      if (nearer !== 0) return nearer;
    }
    const [one, other] = [flows[a], flows[b]];
    return one === undefined || other === undefined ? 0 : compareWhole(one, other);
  };
  const order = Uint32Array.from(flows, (_, index) => index);
  order.sort(reverse ? (a, b) => compare(b, a) : compare);
  return Array.from(order, (index) => flows[index]).filter((flow) => flow !== undefined);
}
