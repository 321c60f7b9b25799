/** Rows that conntrack zones and states keep apart. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { settledRows } from './support/listing.js';
import { Running } from './support/over-time.js';
import { exchange, pair, SERVER } from './support/topology.js';

const SHARED = '10.99.0.2';

kernelTest(
  'two machines with one address in two zones are two rows, in every way of looking',
  async (network) => {
    const router = network.host('router');
    router.sysctl('net/netfilter/nf_conntrack_acct', '1');
    router.nft(`
table ip zones {
  chain pre { type filter hook prerouting priority raw; iifname "red" ct zone set 5; iifname "blue" ct zone set 7; }
  chain out { type filter hook output priority raw; oifname "red" ct zone set 5; oifname "blue" ct zone set 7; }
  chain in { type filter hook input priority filter; ct state new,established counter; }
}
`);
    const measured = await Running.measure(router);
    for (const [device, address, bytes] of [
      ['red', '10.99.1.1', 1_000],
      ['blue', '10.99.2.1', 5_000],
    ] as const) {
      const machine = network.host(device);
      network.cable(
        { host: router, device, addresses: [`${address}/32`] },
        { host: machine, device: 'eth0', addresses: [`${SHARED}/32`] },
      );
      machine.do('ip', ['route', 'add', 'default', 'dev', 'eth0']);
      // The answers go where the connection came from, as the route is that of the cable in use.
      router.do('ip', ['route', 'replace', `${SHARED}/32`, 'dev', device]);
      await exchange(machine, router, {
        address,
        port: 8080,
        listen: { address, port: 8080 },
        request: bytes,
        response: 10,
      });
    }
    const shown = (rows: readonly HostFlow[]): unknown[] =>
      rows.map(({ direction, peer, zone }) => [direction, peer.addr, zone]).sort();
    const expected = [
      ['passive', SHARED, 5],
      ['passive', SHARED, 7],
    ];
    assert.deepEqual(shown((await settledRows(router)).rows), expected);
    assert.deepEqual(shown((await settledRows(router, ['--zone', '7'])).rows), [['passive', SHARED, 7]]);
    const { stderr } = await measured.end();
    assert.deepEqual(shown(JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[]), expected);
  },
);

kernelTest('half-open connections show as such with --state', async (network) => {
  const { client, server } = pair(network);
  client.track();
  // The server never hears of these.
  server.nft(`
table ip silent {
  chain in { type filter hook input priority filter; tcp dport 9999 drop; }
}
`);
  await exchange(client, server, { address: SERVER, port: 8080, request: 10, response: 10 });
  for (let each = 0; each < 3; each++) {
    client.agent.call({ op: 'tcpConnect', address: SERVER, port: 9999 }).catch(() => undefined);
  }
  await sleep(300);
  const { rows } = await settledRows(client, ['--state']);
  assert.deepEqual(rows.map(({ peer, connections, state }) => [peer.port, connections, state]).sort(), [
    ['8080', 1, 'ESTABLISHED'],
    ['9999', 3, 'SYN_SENT'],
  ]);
  const half = await settledRows(client, ['--state', 'SYN_SENT']);
  assert.deepEqual(
    half.rows.map(({ peer }) => peer.port),
    ['9999'],
  );
});
