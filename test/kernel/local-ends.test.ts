/** What counts as local: proxied connections, received groups, local routes, and addresses given by hand. */
import assert from 'node:assert/strict';
import { kernelTest } from './support/kernel-test.js';
import { hostflow, rowsOf, settledRows } from './support/listing.js';
import type { HostFlow } from '../../src/render/host-flow.js';
import { Running } from './support/over-time.js';
import { CLIENT, converse, exchange, INSIDE, OUTSIDE, pair, routed, SERVER } from './support/topology.js';

const PROXIED = '198.51.100.200';
const PROXY_PORT = 50080;

function ends(rows: readonly HostFlow[]): unknown[] {
  return rows.map(({ direction, local, peer }) => [
    direction,
    `${local.addr}:${local.port}`,
    `${peer.addr}:${peer.port}`,
  ]);
}

kernelTest(
  'a transparent proxy (TPROXY) accepts at the addresses that its clients dialled',
  async (network) => {
    const { router, inside } = routed(network);
    router.sysctl('net/netfilter/nf_conntrack_acct', '1');
    router.nft(`
table ip proxy {
  chain divert {
    type filter hook prerouting priority mangle;
    ct state new,established counter
    iifname "lan0" tcp dport 80 tproxy to :${PROXY_PORT} meta mark set 1 accept
  }
}
`);
    router.do('ip', ['rule', 'add', 'fwmark', '1', 'lookup', '100']);
    router.do('ip', ['route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '100']);
    await router.agent.call({ op: 'tcpListenTransparent', port: PROXY_PORT });
    const accounts = [await Running.measure(router), await Running.measure(router, ['--source', 'sockets'])];
    const opened: number[] = [];
    for (let each = 0; each < 3; each++) {
      const connection = await inside.agent.call({ op: 'tcpConnect', address: PROXIED, port: 80 });
      await inside.agent.call({ op: 'tcpSend', connection, bytes: 1_000 });
      await router.agent.call({ op: 'tcpReceive', connection, bytes: 1_000 });
      await router.agent.call({ op: 'tcpSend', connection, bytes: 9_000 });
      await inside.agent.call({ op: 'tcpReceive', connection, bytes: 9_000 });
      opened.push(connection);
    }
    // Two have ended, and their entries stay for a while.
    for (const connection of opened.slice(1)) {
      await inside.agent.call({ op: 'tcpClose', connection });
      await router.agent.call({ op: 'tcpClose', connection });
    }
    const expected = [['passive', `${PROXIED}:80`, `${INSIDE}:many`]];
    const { rows } = await settledRows(router);
    assert.deepEqual(ends(rows), expected);
    assert.equal(rows[0]?.connections, 3);
    assert.deepEqual(ends(rowsOf(hostflow(router, ['-n', '--json', '--source', 'sockets']))), expected);
    for (const account of accounts) {
      const { stderr } = await account.end();
      assert.deepEqual(ends(JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[]), expected);
    }
  },
);

kernelTest('received multicast and broadcast are passive, sent ones active', async (network) => {
  const { client, server } = pair(network);
  client.track();
  server.track();
  const measured = await Running.measure(server);
  await server.agent.call({ op: 'udpJoin', group: '239.22.0.17', port: 5017, local: SERVER });
  client.do('ip', ['route', 'add', 'default', 'dev', 'eth0']);
  const what = { op: 'udpSend', bytes: 1_000, count: 20 } as const;
  await client.agent.call({ ...what, address: '239.22.0.17', port: 5017, local: CLIENT });
  await client.agent.call({ ...what, address: '192.0.2.255', port: 5018 });
  await client.agent.call({ ...what, address: '255.255.255.255', port: 5019 });
  const groups = ['192.0.2.255:5018', '239.22.0.17:5017', '255.255.255.255:5019'];
  const received = (rows: readonly HostFlow[]): HostFlow[] =>
    rows.filter(({ peer }) => peer.addr === CLIENT).sort((a, b) => (a.local.addr < b.local.addr ? -1 : 1));
  const expected = groups.map((group) => ['passive', group, `${CLIENT}:many`]);
  const listed = received((await settledRows(server)).rows);
  assert.deepEqual(ends(listed), expected);
  for (const { stat } of listed) {
    assert.deepEqual([stat?.total_inbound_bytes, stat?.total_outbound_bytes], [20 * 1_028, 0]);
  }
  const { stderr } = await measured.end();
  assert.deepEqual(ends(received(JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[])), expected);
  const sent = (await settledRows(client)).rows.filter(({ local }) => local.addr === CLIENT);
  assert.deepEqual(ends(sent).sort(), groups.map((group) => ['active', `${CLIENT}:many`, group]).sort());
});

kernelTest('any-IP prefixes of both families are local', async (network) => {
  const { client, server } = pair(network);
  server.track();
  for (const [prefix, address] of [
    ['198.18.5.0/24', '198.18.5.77'],
    ['2001:db8:55::/64', '2001:db8:55::77'],
  ] as const) {
    server.do('ip', ['route', 'add', 'local', prefix, 'dev', 'lo']);
    client.do('ip', [
      'route',
      'add',
      prefix,
      'dev',
      'eth0',
      'via',
      address.includes(':') ? '2001:db8:1::2' : SERVER,
    ]);
    await exchange(client, server, {
      address,
      port: 8080,
      listen: { address: '::', port: 8080 },
      request: 10,
      response: 10,
    });
    server.agent.call({ op: 'tcpUnlisten', port: 8080 }).catch(() => undefined);
    const rows = (await settledRows(server)).rows.filter(({ local }) => local.addr === address);
    assert.deepEqual(
      rows.map(({ direction, local }) => [direction, local.port]),
      [['passive', '8080']],
    );
  }
});

kernelTest(
  'given addresses leave the sockets as evidence, and their traffic in the account',
  async (network) => {
    const { client, server } = pair(network);
    const measured = await Running.measure(server, ['--local', SERVER]);
    await exchange(client, server, { address: SERVER, port: 8080, request: 1_000, response: 5_000 });
    const { stderr } = await measured.end();
    const rows = JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[];
    assert.deepEqual(ends(rows), [['passive', `${SERVER}:8080`, `${CLIENT}:many`]]);
    assert.equal(rows[0]?.stat?.total_outbound_bytes, 5_000);
    assert.match(stderr, /tracks nothing|table is empty/);
  },
);

kernelTest('a listener of the router settles nothing about its clients', async (network) => {
  const { outside, router, inside } = routed(network);
  router.trackForwarded();
  await outside.agent.call({ op: 'tcpListen', address: OUTSIDE, port: 443 });
  const connection = await inside.agent.call({ op: 'tcpConnect', address: OUTSIDE, port: 443 });
  // On the port of the client by chance, at the wildcard.
  await router.agent.call({ op: 'tcpListen', address: '0.0.0.0', port: connection });
  const { rows } = await settledRows(router, ['--local', `${INSIDE}/32`]);
  assert.deepEqual(ends(rows), [['active', `${INSIDE}:many`, `${OUTSIDE}:443`]]);
});

kernelTest('an account outlives the process whose namespace it keeps account of', async (network) => {
  const { client, server } = pair(network);
  server.track();
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: 8080 });
  const process = network.another(server);
  await process.agent.call({ op: 'udpEcho', address: SERVER, port: 5005 });
  const measured = await Running.measure(client, ['--pid', String(process.agent.pid)]);
  const what = { address: SERVER, port: 8080, request: 1_000, response: 5_000 };
  await converse(client, server, what);
  await process.agent.end();
  server.do('ip', ['address', 'add', '192.0.2.99/32', 'dev', 'eth0']);
  await converse(client, server, what);
  const { status, stderr } = await measured.end();
  assert.equal(status, 0, stderr);
  const rows = (JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[]).filter(
    ({ local }) => local.port === '8080',
  );
  assert.deepEqual(
    rows.map(({ direction, connections }) => [direction, connections]),
    [['passive', 2]],
  );
  assert.ok((rows[0]?.stat?.total_outbound_bytes ?? 0) > 10_000);
});
