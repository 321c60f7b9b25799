import assert from 'node:assert/strict';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import {
  hostflow,
  payloadsOf,
  rowsOf,
  settled,
  settledRows,
  sorted,
  withoutStat,
} from './support/listing.js';
import type { Host } from './support/network.js';
import { CLIENT, SERVER, SERVER6, exchange, pair } from './support/topology.js';
import { installed } from './support/unprivileged.js';

const UPLOAD = 7_654_321;
const DOWNLOAD = 12_345_678;
const JSON_FLAGS = ['-n', '--json'];

/** The messages of hostflow under `--verbose`. */
function choice(host: Host, flags: readonly string[]): string {
  const { stderr } = hostflow(host, [...JSON_FLAGS, '--verbose', ...flags]);
  return stderr.split('\n').find((line) => line.startsWith('hostflow: read ')) ?? '';
}

kernelTest('--verbose: the chosen source', async (network) => {
  const { client, server } = pair(network);
  client.track();
  await exchange(client, server, { address: SERVER, port: 3306, request: 1, response: 1 });
  assert.equal(choice(client, []), 'hostflow: read conntrack by netlink, sockets by sock_diag');
  assert.equal(
    choice(client, ['--source', 'procfs']),
    'hostflow: read conntrack by /proc/net/nf_conntrack, sockets by sock_diag',
  );
  assert.equal(choice(client, ['--source', 'sockets']), 'hostflow: read sockets by sock_diag');
  const files = ['--proc', '/proc'];
  assert.equal(
    choice(client, files),
    'hostflow: read conntrack by /proc/net/nf_conntrack, sockets by /proc/net/tcp, tcp6, udp and udp6',
  );
  assert.match(
    choice(client, [...files, '--source', 'sockets']),
    /sockets by \/proc\/net\/tcp, tcp6, udp and udp6$/,
  );
});

kernelTest(
  'without privileges and without conntrack: an upload and a download are exact at both ends',
  async (network) => {
    const { client, server } = pair(network);
    await exchange(client, server, { address: SERVER, port: 8000, request: UPLOAD, response: 0 });
    await exchange(client, server, { address: SERVER6, port: 8001, request: 0, response: DOWNLOAD });
    await installed('with optional packages', async (copy) => {
      for (const [host, up, down] of [
        [client, { inbound: 0, outbound: UPLOAD }, { inbound: DOWNLOAD, outbound: 0 }],
        [server, { inbound: UPLOAD, outbound: 0 }, { inbound: 0, outbound: DOWNLOAD }],
      ] as const) {
        const listing = copy.asNobody(host, JSON_FLAGS);
        assert.equal(listing.status, 0);
        assert.match(
          listing.stderr,
          /so sockets are shown; their bytes are the payload of live TCP connections; permission denied[^\n]*\(sudo hostflow\)\n$/,
        );
        const rows = rowsOf(listing);
        const byPort = (port: string): HostFlow[] =>
          rows.filter(({ local, peer }) => local.port === port || peer.port === port);
        assert.equal(rows.length, 2);
        assert.deepEqual(payloadsOf(byPort('8000')), [up]);
        assert.deepEqual(payloadsOf(byPort('8001')), [down]);
      }
      await Promise.resolve();
    });
  },
);

for (const tracking of ['conntrack', 'sockets'] as const) {
  kernelTest(`--netns and --pid show that namespace whole: its ${tracking}`, async (network) => {
    const { client, server } = pair(network);
    if (tracking === 'conntrack') server.track();
    server.do('ip', ['address', 'add', '203.0.113.0/24', 'dev', 'lo']);
    await exchange(client, server, { address: SERVER, port: 3306, request: 1_000, response: 50_000 });
    client.route(SERVER);
    await exchange(client, server, {
      address: '203.0.113.77',
      port: 80,
      listen: { address: '0.0.0.0', port: 80 },
      request: 100,
      response: 200,
    });
    const own = tracking === 'conntrack' ? await settled(server) : hostflow(server, JSON_FLAGS);
    const rows = sorted(rowsOf(own));
    assert.equal(rows.length, 2);
    assert.ok(rows.every(({ direction, source }) => direction === 'passive' && source === tracking));
    for (const place of [
      ['--netns', server.namespace],
      ['--pid', String(server.agent.pid)],
      ['--netns', server.namespace, '--source', tracking === 'conntrack' ? 'netlink' : 'sockets'],
    ]) {
      const elsewhere = hostflow(client, [...JSON_FLAGS, ...place]);
      assert.equal(elsewhere.status, 0, elsewhere.stderr);
      assert.deepEqual(sorted(rowsOf(elsewhere)), rows, place.join(' '));
    }
  });
}

kernelTest('--netns: a failure has its reason and the remedy', async (network) => {
  const { client, server } = pair(network);
  const missing = hostflow(client, ['--netns', 'no-such-name']);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^hostflow: --netns: [^\n]*no such file[^\n]*ip netns[^\n]*\n$/);
  server.track('without counters');
  await exchange(client, server, { address: SERVER, port: 3306, request: 1, response: 1 });
  const uncounted = hostflow(client, [...JSON_FLAGS, '--netns', server.namespace]);
  assert.match(uncounted.stderr, new RegExp(`ip netns exec ${server.namespace} sysctl -w [^\\n]*_acct=1`));
  await installed('with optional packages', async (copy) => {
    const denied = copy.asNobody(client, ['--netns', server.namespace]);
    assert.equal(denied.status, 1);
    assert.match(denied.stderr, /^hostflow: --netns: [^\n]*CAP_SYS_ADMIN[^\n]*sudo[^\n]*\n$/);
    const process = copy.asNobody(client, [...JSON_FLAGS, '--pid', String(server.agent.pid)]);
    assert.equal(process.status, 0);
    assert.match(
      process.stderr,
      /bytes are unknown \(netlink: network namespace of process [^\n]*needs root/,
    );
    assert.deepEqual(
      rowsOf(process).map(({ source, stat }) => [source, stat]),
      [['sockets', null]],
    );
    await Promise.resolve();
  });
});

kernelTest('without koffi everything else works, and the loss is reported', async (network) => {
  const { client, server } = pair(network);
  client.track();
  await exchange(client, server, { address: SERVER, port: 3306, request: 1_000, response: 50_000 });
  const { rows } = await settledRows(client);
  await installed('without optional packages', async (copy) => {
    const asRoot = copy.asRoot(client, [...JSON_FLAGS]);
    assert.equal(asRoot.stderr, '', 'nothing is lost');
    assert.deepEqual(rowsOf(asRoot), rows);
    const verbose = copy.asRoot(client, [...JSON_FLAGS, '--verbose']);
    assert.match(verbose.stderr, /^hostflow: read conntrack by \/proc[^\n]*koffi is not installed[^\n]*\n$/);
    const pid = copy.asRoot(server, [...JSON_FLAGS, '--pid', String(client.agent.pid)]);
    assert.equal(pid.stderr, '');
    assert.deepEqual(rowsOf(pid), rows);

    const asNobody = copy.asNobody(client, JSON_FLAGS);
    assert.equal(asNobody.status, 0);
    assert.match(asNobody.stderr, /bytes are unknown \([^\n]*koffi is not installed[^\n]*permission denied/);
    assert.deepEqual(withoutStat(rowsOf(asNobody)), [
      {
        direction: 'active',
        protocol: 'tcp',
        local: { addr: CLIENT, port: 'many' },
        peer: { addr: SERVER, port: '3306' },
        connections: 1,
        source: 'sockets',
      },
    ]);
    const sockets = copy.asNobody(client, [...JSON_FLAGS, '--source', 'sockets']);
    assert.match(
      sockets.stderr,
      /^hostflow: bytes of sockets are unknown: [^\n]*koffi is not installed[^\n]*\n$/,
    );

    for (const [flags, message] of [
      [['--source', 'netlink'], /^hostflow: --source netlink: [^\n]*koffi is not installed[^\n]*\n$/],
      [['--netns', client.namespace], /^hostflow: --netns: [^\n]*koffi[^\n]*ip netns exec [^\n]*\n$/],
    ] as const) {
      const failed = copy.asRoot(client, flags);
      assert.equal(failed.status, 1);
      assert.equal(failed.stdout, '');
      assert.match(failed.stderr, message);
    }
    await Promise.resolve();
  });
});
