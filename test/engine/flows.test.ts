import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { counterFromBigint, type Counter } from '../../parsers/counter.js';
import { AddressSet } from '../../src/model/address-set.js';
import { FlowAggregator } from '../../src/engine/aggregate.js';
import { Connection, TCP } from '../../src/engine/connection.js';
import { readEntry } from '../../src/sources/read-entry.js';
import { SocketEvidence } from '../../src/engine/evidence.js';
import { GROUPINGS, groupFlows } from '../../src/model/grouping.js';
import type { HostFlow } from '../../src/model/host-flow.js';
import { orderFlows, SORT_KEYS } from '../../src/model/order.js';

const HOSTS = ['192.0.2.1', '192.0.2.2', '198.51.100.7', '203.0.113.9'];
const LOCAL = new AddressSet(['192.0.2.1', '192.0.2.2', '2001:db8::1']);

const host = fc.constantFrom(...HOSTS);

/** Entries among few hosts and ports, so that many of them fall into one flow; with NAT, and any protocol's counters. */
const crowdedEntry: fc.Arbitrary<ConntrackEntry> = fc
  .record({
    entry: conntrackEntry(),
    hosts: fc.tuple(host, host, host, host),
    port: fc.constantFrom(80, 443, 50000),
    translated: fc.boolean(),
  })
  .map(({ entry, hosts: [a, b, c, d], port, translated }): ConntrackEntry => {
    const original = { source: a, destination: b };
    const reply = translated ? { source: c, destination: d } : { source: b, destination: a };
    if (entry.protocol !== 'tcp' && entry.protocol !== 'udp') return entry;
    return {
      ...entry,
      family: 'ipv4',
      original: { ...original, sourcePort: 50001, destinationPort: port },
      reply: { ...reply, sourcePort: port, destinationPort: 50001 },
    };
  });

function flowsOf(entries: readonly ConntrackEntry[], evidence?: SocketEvidence): HostFlow[] {
  const aggregator = new FlowAggregator(LOCAL, evidence);
  const connection = new Connection();
  for (const entry of entries) {
    readEntry(connection, entry, aggregator.addresses);
    aggregator.add(connection);
  }
  return [...aggregator.flows()];
}

/** Everything that must neither appear nor vanish: entries, and each known counter, in whichever direction. */
function totalsOfFlows(flows: readonly HostFlow[]): Record<string, bigint> {
  const sum = { connections: 0n, unknown: 0n, packets: 0n, bytes: 0n };
  for (const { connections, stat } of flows) {
    sum.connections += BigInt(connections);
    if (stat === null) sum.unknown += BigInt(connections);
    else {
      sum.packets += BigInt(stat.total_inbound_packets) + BigInt(stat.total_outbound_packets);
      sum.bytes += BigInt(stat.total_inbound_bytes) + BigInt(stat.total_outbound_bytes);
    }
  }
  return sum;
}

function totalsOfEntries(entries: readonly ConntrackEntry[]): Record<string, bigint> {
  const sum = { connections: 0n, unknown: 0n, packets: 0n, bytes: 0n };
  for (const { originalCounters, replyCounters } of entries) {
    sum.connections++;
    if (originalCounters === undefined || replyCounters === undefined) sum.unknown++;
    else {
      sum.packets += BigInt(originalCounters.packets) + BigInt(replyCounters.packets);
      sum.bytes += BigInt(originalCounters.bytes) + BigInt(replyCounters.bytes);
    }
  }
  return sum;
}

const entries = fc.array(crowdedEntry, { maxLength: 40 });

test('no grouping counts anything twice or drops it', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom(...GROUPINGS), (some, grouping) => {
      assert.deepEqual(totalsOfFlows(groupFlows(flowsOf(some), grouping)), totalsOfEntries(some));
    }),
  );
});

test('the order of the entries does not matter, whatever the grouping and the sort key', () => {
  const shuffled = entries.chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
  );
  const choice = fc.tuple(fc.constantFrom(...GROUPINGS), fc.constantFrom(...SORT_KEYS), fc.boolean());
  fc.assert(
    fc.property(shuffled, choice, ([some, others], [grouping, key, reverse]) => {
      const list = (input: ConntrackEntry[]): HostFlow[] =>
        orderFlows(groupFlows(flowsOf(input), grouping), key, reverse);
      assert.deepEqual(list(others), list(some));
    }),
  );
});

function withCountersSwapped(entry: ConntrackEntry): ConntrackEntry {
  const { originalCounters, replyCounters, ...rest } = entry;
  if (originalCounters === undefined || replyCounters === undefined) return entry;
  return { ...rest, originalCounters: replyCounters, replyCounters: originalCounters };
}

test('swapping the counters of original and reply swaps in and out and nothing else', () => {
  fc.assert(
    fc.property(entries, (some) => {
      const swapped = flowsOf(some.map(withCountersSwapped)).map((flow) => ({
        ...flow,
        stat: flow.stat && {
          total_inbound_packets: flow.stat.total_outbound_packets,
          total_inbound_bytes: flow.stat.total_outbound_bytes,
          total_outbound_packets: flow.stat.total_inbound_packets,
          total_outbound_bytes: flow.stat.total_inbound_bytes,
        },
      }));
      assert.deepEqual(swapped, flowsOf(some));
    }),
  );
});

test('the sockets put an entry right that conntrack met in mid-stream, whichever end it has first', () => {
  fc.assert(
    fc.property(fc.constantFrom('server', 'client'), fc.boolean(), (role, reversed) => {
      const server = { address: role === 'server' ? '192.0.2.1' : '198.51.100.7', port: 80 };
      const client = { address: role === 'server' ? '198.51.100.7' : '192.0.2.1', port: 50001 };
      const [local, remote] = role === 'server' ? [server, client] : [client, server];
      const evidence = new SocketEvidence();
      const { addresses } = evidence;
      if (role === 'server') evidence.addListener(TCP, addresses.idOfText('::'), 80);
      evidence.addLive({
        protocolNumber: TCP,
        local: addresses.idOfText(local.address),
        localPort: local.port,
        remote: addresses.idOfText(remote.address),
        remotePort: remote.port,
        isOpening: false,
      });
      const [first, second] = reversed ? [server, client] : [client, server];
      const fromClient = { packets: 1, bytes: 100 };
      const fromServer = { packets: 2, bytes: 9000 };
      const flows = flowsOf(
        [
          {
            protocol: 'tcp',
            protocolNumber: 6,
            family: 'ipv4',
            status: {
              unreplied: false,
              assured: false,
              offload: false,
              hardwareOffload: false,
              unconfirmed: false,
            },
            original: {
              source: first.address,
              destination: second.address,
              sourcePort: first.port,
              destinationPort: second.port,
            },
            reply: {
              source: second.address,
              destination: first.address,
              sourcePort: second.port,
              destinationPort: first.port,
            },
            originalCounters: reversed ? fromServer : fromClient,
            replyCounters: reversed ? fromClient : fromServer,
          },
        ],
        evidence,
      );
      const [inbound, outbound] = role === 'server' ? [100, 9000] : [9000, 100];
      assert.equal(flows.length, 1);
      assert.equal(flows[0]?.direction, role === 'server' ? 'passive' : 'active');
      assert.deepEqual(flows[0].local, { addr: local.address, port: role === 'server' ? '80' : 'many' });
      assert.deepEqual(flows[0].peer, { addr: remote.address, port: role === 'server' ? 'many' : '80' });
      assert.equal(flows[0].stat?.total_inbound_bytes, inbound);
      assert.equal(flows[0].stat.total_outbound_bytes, outbound);
    }),
  );
});

test('flows of both directions grouped by port show the port at either end', () => {
  const flow = (direction: 'active' | 'passive', localPort: string, peerPort: string): HostFlow => ({
    direction,
    protocol: 'tcp',
    local: { addr: '192.0.2.1', port: localPort },
    peer: { addr: '198.51.100.7', port: peerPort },
    connections: 1,
    stat: null,
    source: 'conntrack',
  });
  const grouped = groupFlows([flow('active', 'many', '443'), flow('passive', '443', 'many')], 'port');
  assert.deepEqual(grouped, [{ ...flow('active', '443', '443'), direction: 'many', connections: 2 }]);
});

test('flows come in the order of their exact numbers, then of connections, peers and their ports', () => {
  const flow = (addr: string, port: string, bytes: bigint | null, connections: number): HostFlow => ({
    direction: 'active',
    protocol: 'tcp',
    local: { addr: '192.0.2.1', port: 'many' },
    peer: { addr, port },
    connections,
    stat: bytes === null ? null : statOf(counterFromBigint(bytes)),
    source: 'conntrack',
  });
  const huge = 2n ** 64n;
  const inOrder = [
    // A double holds these three as one number.
    flow('10.0.0.9', '80', huge + 2n, 1),
    flow('10.0.0.8', '80', huge + 1n, 2),
    flow('10.0.0.7', '80', huge, 3),
    flow('10.0.0.7', '80', 5n, 2),
    flow('9.0.0.2', '80', 5n, 1),
    flow('10.0.0.1', '80', 5n, 1),
    flow('10.0.0.1', '443', 5n, 1),
    flow('many', '80', 5n, 1),
    flow('::1', '80', 5n, 1),
    flow('fd00::1', '80', 5n, 1),
    flow('10.0.0.1', '80', 0n, 1),
    flow('10.0.0.1', '80', null, 9),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), (shuffled) => {
      assert.deepEqual(orderFlows(shuffled, 'bytes', false), inOrder);
      assert.deepEqual(orderFlows(shuffled, 'bytes', true), inOrder.toReversed());
    }),
  );
  const byPeer = orderFlows(inOrder, 'peer', false).map(({ peer }) => `${peer.addr} ${peer.port}`);
  assert.deepEqual(
    [...new Set(byPeer)],
    [
      '9.0.0.2 80',
      '10.0.0.1 80',
      '10.0.0.1 443',
      '10.0.0.7 80',
      '10.0.0.8 80',
      '10.0.0.9 80',
      'many 80',
      '::1 80',
      'fd00::1 80',
    ],
  );
});

function statOf(bytes: Counter): NonNullable<HostFlow['stat']> {
  return {
    total_inbound_packets: 0,
    total_inbound_bytes: bytes,
    total_outbound_packets: 0,
    total_outbound_bytes: 0,
  };
}
