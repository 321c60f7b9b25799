/** Accounts under each setting of `nf_conntrack_events`. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { Running } from './support/over-time.js';
import { converse, pair, SERVER, type Exchange } from './support/topology.js';

const UPLOAD = 2_000_000;
const WHAT: Exchange = { address: SERVER, port: 8080, request: 100, response: 100 };

/** Counts what `host` sends to and gets from the service, from its first packet on. */
function countWithNft(host: Host): () => { inbound: number; outbound: number } {
  host.nft(`
table ip truth {
  counter in {}
  counter out {}
  chain i { type filter hook input priority raw; tcp sport 8080 counter name in; }
  chain o { type filter hook output priority raw; tcp dport 8080 counter name out; }
}
`);
  const bytes = (name: string): number =>
    Number(/bytes (\d+)/.exec(host.do('nft', ['list', 'counter', 'ip', 'truth', name]))?.[1]);
  const start = { inbound: bytes('in'), outbound: bytes('out') };
  return () => ({ inbound: bytes('in') - start.inbound, outbound: bytes('out') - start.outbound });
}

async function ended(running: Running): Promise<{ rows: HostFlow[]; remarks: string }> {
  const { status, stderr } = await running.end();
  assert.equal(status, 0, stderr);
  const at = stderr.indexOf('[');
  return { rows: JSON.parse(stderr.slice(at)) as HostFlow[], remarks: stderr.slice(0, at) };
}

/** Asserts that there is one row, of the server's port, with the bytes that `nft` counted. */
function assertCounted(rows: HostFlow[], { inbound, outbound }: { inbound: number; outbound: number }): void {
  assert.deepEqual(
    rows.map(({ peer, stat }) => [peer.port, stat?.total_inbound_bytes, stat?.total_outbound_bytes]),
    [['8080', inbound, outbound]],
  );
}

kernelTest(
  'a connection older than the start that is reset and expires during the run counts in full',
  async (network) => {
    const { client, server } = pair(network);
    client.track();
    client.sysctl('net/netfilter/nf_conntrack_events', '2');
    client.sysctl('net/netfilter/nf_conntrack_tcp_timeout_close', '6');
    await server.agent.call({ op: 'tcpListen', address: SERVER, port: WHAT.port });
    const connection = await converse(client, server, WHAT);
    const measured = await Running.measure(client);
    const truth = countWithNft(client);
    await client.agent.call({ op: 'tcpSend', connection, bytes: UPLOAD });
    await server.agent.call({ op: 'tcpReceive', connection, bytes: UPLOAD + WHAT.request });
    await client.agent.call({ op: 'tcpReset', connection });
    for (let waited = 0; client.table().includes('dport=8080') && waited < 30; waited++) await sleep(1000);
    assert.ok(!client.table().includes('dport=8080'), 'the entry has expired');
    const { rows, remarks } = await ended(measured);
    assertCounted(rows, truth());
    assert.equal(remarks, '');
  },
);

kernelTest('idle entries in TIME_WAIT that expire during the run are no loss', async (network) => {
  const { client, server } = pair(network);
  client.track();
  client.sysctl('net/netfilter/nf_conntrack_events', '2');
  client.sysctl('net/netfilter/nf_conntrack_tcp_timeout_time_wait', '2');
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: WHAT.port });
  for (let each = 0; each < 20; each++) {
    const connection = await converse(client, server, WHAT);
    await client.agent.call({ op: 'tcpClose', connection });
    await server.agent.call({ op: 'tcpClose', connection });
  }
  const measured = await Running.measure(client);
  for (let waited = 0; client.table().includes('dport=8080') && waited < 30; waited++) await sleep(500);
  const { rows, remarks } = await ended(measured);
  assert.deepEqual([rows, remarks], [[], '']);
});

kernelTest('without events the table is polled, and this is said with the remedy', async (network) => {
  const { client, server } = pair(network);
  client.track();
  client.sysctl('net/netfilter/nf_conntrack_events', '0');
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: WHAT.port });
  const connection = await converse(client, server, WHAT);
  const measured = await Running.measure(client);
  const truth = countWithNft(client);
  await client.agent.call({ op: 'tcpSend', connection, bytes: UPLOAD });
  await server.agent.call({ op: 'tcpReceive', connection, bytes: UPLOAD + WHAT.request });
  await sleep(500);
  const { rows, remarks } = await ended(measured);
  assertCounted(rows, truth());
  assert.match(
    remarks,
    /read every 1 s, without events: .*nf_conntrack_events is 0; to count exactly, run sysctl -w/,
  );
});

kernelTest(
  'a forced source on a host that tracks nothing tells that the table stayed empty',
  async (network) => {
    const { client, server } = pair(network);
    for (const source of ['netlink', 'procfs']) {
      const measured = await Running.measure(client, ['--source', source]);
      await server.agent.call({ op: 'tcpListen', address: SERVER, port: WHAT.port }).catch(() => undefined);
      await converse(client, server, WHAT);
      const { rows, remarks } = await ended(measured);
      assert.deepEqual(rows, []);
      assert.match(remarks, /the conntrack table stayed empty: .*to track connections, add an nft rule/);
    }
  },
);

kernelTest('the remedy for missing counters names the namespace that was read', async (network) => {
  const { client, server } = pair(network);
  client.track('without counters');
  const measured = await Running.measure(server, ['--netns', client.namespace]);
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: WHAT.port });
  await converse(client, server, WHAT);
  const { remarks } = await ended(measured);
  assert.match(
    remarks,
    new RegExp(
      `to count new connections, run ip netns exec ${client.namespace} sysctl -w net\\.netfilter\\.nf_conntrack_acct=1`,
    ),
  );
});
