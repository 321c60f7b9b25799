import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { counterFromBigint } from '../../parsers/counter.js';
import { AddressSet } from '../../src/model/address-set.js';
import { FlowAggregator } from '../../src/engine/aggregate.js';
import { Connection, TCP } from '../../src/engine/connection.js';
import { readEntry } from '../../src/sources/text/read-entry.js';
import { SocketEvidence } from '../../src/engine/evidence.js';
import type { FlowKey, FlowRow } from '../../src/model/flow-row.js';
import { GROUPINGS, groupRows } from '../../src/model/grouping.js';
import { orderRows, SORT_KEYS } from '../../src/model/order.js';
import { NO_TRAFFIC } from '../../src/model/traffic.js';

const HOSTS = ['192.0.2.1', '192.0.2.2', '198.51.100.7', '203.0.113.9'];
const LOCAL = {
  own: new AddressSet(['192.0.2.1', '192.0.2.2', '2001:db8::1']),
  groups: new AddressSet(),
  isTransparent: false,
  given: undefined,
};

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

function rowsOf(entries: readonly ConntrackEntry[], evidence?: SocketEvidence): FlowRow[] {
  const aggregator = new FlowAggregator(LOCAL, evidence);
  const connection = new Connection();
  for (const entry of entries) {
    readEntry(connection, entry, aggregator.addresses);
    aggregator.add(connection);
  }
  return [...aggregator.flows()];
}

/** Everything that must neither appear nor vanish: entries, and each known counter, in whichever direction. */
function totalsOfRows(rows: readonly FlowRow[]): Record<string, bigint> {
  const sum = { connections: 0n, unknown: 0n, packets: 0n, bytes: 0n };
  for (const { connections, total } of rows) {
    sum.connections += BigInt(connections);
    if (total === null) sum.unknown += BigInt(connections);
    else {
      sum.packets += BigInt(total.inbound.packets) + BigInt(total.outbound.packets);
      sum.bytes += BigInt(total.inbound.bytes) + BigInt(total.outbound.bytes);
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
      assert.deepEqual(totalsOfRows(groupRows(rowsOf(some), grouping)), totalsOfEntries(some));
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
      const list = (input: ConntrackEntry[]): FlowRow[] =>
        orderRows(groupRows(rowsOf(input), grouping), { key, by: 'total', reverse });
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
      const swapped = rowsOf(some.map(withCountersSwapped)).map((row) => ({
        ...row,
        total: row.total && { inbound: row.total.outbound, outbound: row.total.inbound },
      }));
      assert.deepEqual(swapped, rowsOf(some));
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
        openedHere: undefined,
        state: 1,
      });
      const [first, second] = reversed ? [server, client] : [client, server];
      const fromClient = { packets: 1, bytes: 100 };
      const fromServer = { packets: 2, bytes: 9000 };
      const rows = rowsOf(
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
      assert.equal(rows.length, 1);
      assert.deepEqual(rows[0]?.key, {
        direction: role === 'server' ? 'passive' : 'active',
        protocol: 'tcp',
        local: { addr: local.address, port: role === 'server' ? '80' : 'many' },
        peer: { addr: remote.address, port: role === 'server' ? 'many' : '80' },
      });
      assert.equal(rows[0].total?.inbound.bytes, inbound);
      assert.equal(rows[0].total.outbound.bytes, outbound);
    }),
  );
});

test('flows of both directions grouped by port show the port at either end', () => {
  const key = (direction: FlowKey['direction'], localPort: string, peerPort: string): FlowKey => ({
    direction,
    protocol: 'tcp',
    local: { addr: '192.0.2.1', port: localPort },
    peer: { addr: '198.51.100.7', port: peerPort },
  });
  const row = (rowKey: FlowKey, connections: number): FlowRow => ({
    key: rowKey,
    connections,
    total: null,
    source: 'conntrack',
  });
  const grouped = groupRows(
    [row(key('active', 'many', '443'), 1), row(key('passive', '443', 'many'), 1)],
    'port',
  );
  assert.deepEqual(grouped, [row(key('many', '443', '443'), 2)]);
});

test('rows come in the order of their exact numbers, then of connections, peers and their ports', () => {
  const row = (addr: string, port: string, bytes: bigint | null, connections: number): FlowRow => ({
    key: {
      direction: 'active',
      protocol: 'tcp',
      local: { addr: '192.0.2.1', port: 'many' },
      peer: { addr, port },
    },
    connections,
    total:
      bytes === null ? null : { ...NO_TRAFFIC, inbound: { packets: 0, bytes: counterFromBigint(bytes) } },
    source: 'conntrack',
  });
  const huge = 2n ** 64n;
  const inOrder = [
    // A double holds these three as one number.
    row('10.0.0.9', '80', huge + 2n, 1),
    row('10.0.0.8', '80', huge + 1n, 2),
    row('10.0.0.7', '80', huge, 3),
    row('10.0.0.7', '80', 5n, 2),
    row('9.0.0.2', '80', 5n, 1),
    row('10.0.0.1', '80', 5n, 1),
    row('10.0.0.1', '443', 5n, 1),
    row('many', '80', 5n, 1),
    row('::1', '80', 5n, 1),
    row('fd00::1', '80', 5n, 1),
    row('10.0.0.1', '80', 0n, 1),
    row('10.0.0.1', '80', null, 9),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), (shuffled) => {
      const order = { key: 'bytes', by: 'total' } as const;
      assert.deepEqual(orderRows(shuffled, { ...order, reverse: false }), inOrder);
      assert.deepEqual(orderRows(shuffled, { ...order, reverse: true }), inOrder.toReversed());
    }),
  );
  const byPeer = orderRows(inOrder, { key: 'peer', by: 'total', reverse: false }).map(
    ({ key: { peer } }) => `${peer.addr} ${peer.port}`,
  );
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
