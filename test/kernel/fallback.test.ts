import assert from 'node:assert/strict';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import {
  hostflow,
  payloadsOf,
  rowsOf,
  settled,
  sorted,
  statOfInitiator,
  withoutStat,
} from './support/listing.js';
import type { Host } from './support/network.js';
import { countersOf } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, converse, exchange, pair } from './support/topology.js';
import { asNobody } from './support/unprivileged.js';

const SIZES = { request: 1_000, response: 9_000 };

const ACTIVE = {
  direction: 'active',
  protocol: 'tcp',
  local: { addr: CLIENT, port: 'many' },
  peer: { addr: SERVER, port: '3306' },
} satisfies Partial<HostFlow>;

const PASSIVE = {
  direction: 'passive',
  protocol: 'tcp',
  local: { addr: SERVER, port: '3306' },
  peer: { addr: CLIENT, port: 'many' },
} satisfies Partial<HostFlow>;

/** The payload of so many exchanges, as an end sees it. */
function carried(isClient: boolean, connections: number): { inbound: number; outbound: number } {
  const [request, response] = [SIZES.request * connections, SIZES.response * connections];
  return isClient ? { inbound: response, outbound: request } : { inbound: request, outbound: response };
}

async function twoConnections(client: Host, server: Host): Promise<void> {
  await exchange(client, server, { address: SERVER, port: 3306, ...SIZES });
  await converse(client, server, { address: SERVER, port: 3306, ...SIZES });
}

kernelTest('accounting off: connections without counters, and the sysctl is named', async (network) => {
  const { client, server } = pair(network);
  client.track('without counters');
  await twoConnections(client, server);

  const listing = await settled(client);
  assert.equal(listing.status, 0);
  assert.match(listing.stderr, /nf_conntrack_acct/);
  assert.doesNotMatch(listing.table, /packets=/);
  assert.deepEqual(rowsOf(listing), [{ ...ACTIVE, connections: 2, stat: null, source: 'conntrack' }]);

  const table = hostflow(client, ['-n']);
  assert.equal(table.status, 0);
  assert.match(
    table.stdout,
    /^192\.0\.2\.1:many +--> +192\.0\.2\.2:3306 +tcp +2 +- +- +- +-\s*$/m,
    table.stdout,
  );
});

kernelTest('accounting switched on later: counted and uncounted connections stay apart', async (network) => {
  const { client, server } = pair(network);
  client.track('without counters');
  await exchange(client, server, { address: SERVER, port: 3306, ...SIZES });
  client.sysctl('net/netfilter/nf_conntrack_acct', '1');
  const sourcePort = await converse(client, server, { address: SERVER, port: 3306, ...SIZES });

  const listing = await settled(client);
  assert.equal(listing.status, 0);
  const to = { protocol: 'tcp', source: CLIENT, destination: SERVER, destinationPort: 3306 };
  const stat = statOfInitiator(countersOf(listing.table, { ...to, sourcePort }));
  const byStat = rowsOf(listing).sort((a, b) => Number(a.stat === null) - Number(b.stat === null));
  assert.deepEqual(byStat, [
    { ...ACTIVE, connections: 1, stat, source: 'conntrack' },
    { ...ACTIVE, connections: 1, stat: null, source: 'conntrack' },
  ]);
});

kernelTest(
  'a kernel that tracks nothing: sockets are counted, and stderr has the reason',
  async (network) => {
    const { client, server } = pair(network);
    await twoConnections(client, server);
    await exchange(client, server, { address: SERVER6, port: 3306, ...SIZES });

    for (const [host, ipv4, ipv6] of [
      [client, ACTIVE, { local: { addr: CLIENT6, port: 'many' }, peer: { addr: SERVER6, port: '3306' } }],
      [server, PASSIVE, { local: { addr: SERVER6, port: '3306' }, peer: { addr: CLIENT6, port: 'many' } }],
    ] as const) {
      const listing = hostflow(host, ['-n', '--json']);
      assert.equal(listing.status, 0);
      assert.match(listing.stderr, /track/);
      assert.match(listing.stderr, /rule|nft|iptables/);
      assert.equal(listing.stderr.trim().split('\n').length, 1, listing.stderr);
      const rows = sorted(rowsOf(listing));
      assert.deepEqual(
        payloadsOf(rows),
        [2, 1].map((connections) => carried(host === client, connections)),
      );
      assert.deepEqual(withoutStat(rows), [
        { ...ipv4, connections: 2, source: 'sockets' },
        { ...ipv4, ...ipv6, connections: 1, source: 'sockets' },
      ]);
    }
  },
);

kernelTest('IPv4 connections to a listener on :: are listed as IPv4', async (network) => {
  const { client, server } = pair(network);
  await exchange(client, server, {
    address: SERVER,
    port: 3306,
    listen: { address: '::', port: 3306 },
    ...SIZES,
  });
  const rows = rowsOf(hostflow(server, ['-n', '--json']));
  assert.deepEqual(withoutStat(rows), [{ ...PASSIVE, connections: 1, source: 'sockets' }]);
  assert.deepEqual(payloadsOf(rows), [carried(false, 1)]);
  const byFiles = rowsOf(hostflow(server, ['-n', '--json', '--source', 'procfs']));
  assert.deepEqual(byFiles, [{ ...PASSIVE, connections: 1, stat: null, source: 'sockets' }]);
});

kernelTest(
  'a user without privileges: sockets are counted, and stderr names the permission',
  async (network) => {
    const { client, server } = pair(network);
    client.track();
    await twoConnections(client, server);

    await asNobody(client, async (run) => {
      const listing = run(['-n', '--json']);
      assert.match(listing.stderr, /permission|permitted|root/i);
      assert.match(listing.stderr, /CAP_NET_ADMIN|root/);
      assert.equal(listing.status, 0);
      assert.deepEqual(withoutStat(rowsOf(listing)), [{ ...ACTIVE, connections: 2, source: 'sockets' }]);
      assert.deepEqual(payloadsOf(rowsOf(listing)), [carried(true, 2)]);

      for (const [source, needed] of [
        ['procfs', /^hostflow: --source procfs: permission denied on [^\n]*root/],
        ['netlink', /^hostflow: --source netlink: [^\n]*not permitted[^\n]*CAP_NET_ADMIN/],
      ] as const) {
        const forced = run(['-n', '--json', '--source', source]);
        assert.equal(forced.status, 1);
        assert.equal(forced.stdout, '');
        assert.match(forced.stderr, needed);
      }

      const sockets = run(['-n', '--json', '--source', 'sockets']);
      assert.equal(sockets.status, 0);
      assert.match(
        sockets.stderr,
        /^hostflow: bytes of sockets are the payload of live TCP connections[^\n]*\n$/,
      );
      assert.deepEqual(rowsOf(sockets), rowsOf(listing));
      await Promise.resolve();
    });
  },
);

kernelTest('connections exempted by notrack appear beside tracked ones', async (network) => {
  const { client, server } = pair(network);
  client.track();
  client.nft(`table inet exempt {
    chain out { type filter hook output priority raw; tcp dport 11211 notrack; }
    chain in { type filter hook prerouting priority raw; tcp sport 11211 notrack; }
  }`);
  const sourcePort = await exchange(client, server, { address: SERVER, port: 3306, ...SIZES });
  await exchange(client, server, { address: SERVER, port: 11211, ...SIZES });

  const listing = await settled(client);
  const { table, stderr } = listing;
  assert.doesNotMatch(table, /dport=11211/);
  assert.match(stderr, /^hostflow: bytes of sockets are the payload of live TCP connections[^\n]*\n$/);
  const [untracked, ...others] = sorted(rowsOf(listing));
  assert.ok(untracked !== undefined);
  assert.deepEqual(payloadsOf([untracked]), [carried(true, 1)]);
  const tracked = { protocol: 'tcp', source: CLIENT, destination: SERVER, sourcePort, destinationPort: 3306 };
  assert.deepEqual(withoutStat([untracked]), [
    { ...ACTIVE, peer: { addr: SERVER, port: '11211' }, connections: 1, source: 'sockets' },
  ]);
  assert.deepEqual(others, [
    { ...ACTIVE, connections: 1, stat: statOfInitiator(countersOf(table, tracked)), source: 'conntrack' },
  ]);
});
