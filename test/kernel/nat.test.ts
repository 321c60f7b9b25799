import assert from 'node:assert/strict';
import { kernelTest } from './support/kernel-test.js';
import { settledRows, sorted, statOfInitiator, statOfResponder } from './support/listing.js';
import { countersOf } from './support/table.js';
import {
  CLIENT,
  INSIDE,
  OUTSIDE,
  ROUTER_OUTSIDE,
  SERVER,
  converse,
  exchange,
  pair,
  routed,
} from './support/topology.js';

const SERVICE = '203.0.113.10';
const MASQUERADE = `table ip nat {
  chain post { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }
}`;

kernelTest('a router that forwards a port: forwarded, with the dialled address', async (network) => {
  const { outside, router, inside } = routed(network);
  router.track();
  inside.track();
  router.nft(`table ip nat { chain pre { type nat hook prerouting priority dstnat;
    ip daddr ${ROUTER_OUTSIDE} tcp dport 443 dnat to ${INSIDE}:8443; }
  }`);
  const sourcePort = await exchange(outside, inside, {
    address: ROUTER_OUTSIDE,
    port: 443,
    listen: { address: INSIDE, port: 8443 },
    request: 4_000,
    response: 700_000,
  });

  const atRouter = await settledRows(router);
  const dialled = { source: OUTSIDE, destination: ROUTER_OUTSIDE, sourcePort, destinationPort: 443 };
  const counters = countersOf(atRouter.table, { protocol: 'tcp', ...dialled });
  assert.ok(counters.reply.bytes > 700_000);
  const expected = {
    direction: 'forwarded',
    protocol: 'tcp',
    local: { addr: OUTSIDE, port: 'many' },
    peer: { addr: INSIDE, port: '8443' },
    via: { addr: ROUTER_OUTSIDE, port: '443' },
    connections: 1,
    stat: statOfInitiator(counters),
    source: 'conntrack',
  };
  assert.deepEqual(atRouter.rows, [expected]);
  assert.deepEqual((await settledRows(router, ['--forwarded'])).rows, [expected]);
  assert.deepEqual((await settledRows(router, ['-a', '-p'])).rows, []);

  const atServer = await settledRows(inside);
  const arrived = { source: OUTSIDE, destination: INSIDE, sourcePort, destinationPort: 8443 };
  assert.deepEqual(atServer.rows, [
    {
      direction: 'passive',
      protocol: 'tcp',
      local: { addr: INSIDE, port: '8443' },
      peer: { addr: OUTSIDE, port: 'many' },
      connections: 1,
      stat: statOfResponder(countersOf(atServer.table, { protocol: 'tcp', ...arrived })),
      source: 'conntrack',
    },
  ]);
});

kernelTest('a masquerading router: forwarded, the client behind it is the local end', async (network) => {
  const { outside, router, inside } = routed(network);
  router.track();
  router.nft(MASQUERADE);
  await outside.agent.call({ op: 'tcpListen', address: OUTSIDE, port: 80 });
  const connection = await inside.agent.call({ op: 'tcpConnect', address: OUTSIDE, port: 80 });
  await inside.agent.call({ op: 'tcpSend', connection, bytes: 250_000 });

  const { table, rows } = await settledRows(router);
  const counters = countersOf(table, {
    protocol: 'tcp',
    source: INSIDE,
    destination: OUTSIDE,
    sourcePort: connection,
    destinationPort: 80,
  });
  assert.ok(counters.original.bytes > 250_000);
  assert.match(table, new RegExp(` dst=${ROUTER_OUTSIDE} `));
  assert.deepEqual(rows, [
    {
      direction: 'forwarded',
      protocol: 'tcp',
      local: { addr: INSIDE, port: 'many' },
      peer: { addr: OUTSIDE, port: '80' },
      connections: 1,
      stat: statOfInitiator(counters),
      source: 'conntrack',
    },
  ]);
});

kernelTest("the router's own connections stay apart from those that it masquerades", async (network) => {
  const { outside, router, inside } = routed(network);
  router.track();
  router.nft(MASQUERADE);
  const what = { address: OUTSIDE, port: 80, request: 1000, response: 2000 };
  const forwarded = await exchange(inside, outside, what);
  const own = await converse(router, outside, { ...what, request: 3000 });

  const { table, rows } = await settledRows(router);
  const to = { protocol: 'tcp', destination: OUTSIDE, destinationPort: 80 };
  const common = {
    protocol: 'tcp',
    peer: { addr: OUTSIDE, port: '80' },
    connections: 1,
    source: 'conntrack',
  };
  assert.deepEqual(sorted(rows), [
    {
      ...common,
      direction: 'active',
      local: { addr: ROUTER_OUTSIDE, port: 'many' },
      stat: statOfInitiator(countersOf(table, { ...to, source: ROUTER_OUTSIDE, sourcePort: own })),
    },
    {
      ...common,
      direction: 'forwarded',
      local: { addr: INSIDE, port: 'many' },
      stat: statOfInitiator(countersOf(table, { ...to, source: INSIDE, sourcePort: forwarded })),
    },
  ]);
});

kernelTest('a service address that the host itself translates: the peer is who responds', async (network) => {
  const { client, server } = pair(network);
  client.track();
  client.route(SERVER);
  client.nft(`table ip nat { chain out { type nat hook output priority -100;
    ip daddr ${SERVICE} tcp dport 3306 dnat to ${SERVER}:13306; }
  }`);
  const behind = { address: SERVER, port: 13306 };
  const sizes = { request: 5_000, response: 90_000 };
  const translated = await exchange(client, server, {
    address: SERVICE,
    port: 3306,
    listen: behind,
    ...sizes,
  });
  const direct = await converse(client, server, { ...behind, ...sizes });

  const { table, rows } = await settledRows(client);
  const from = { protocol: 'tcp', source: CLIENT };
  const common = {
    direction: 'active',
    protocol: 'tcp',
    local: { addr: CLIENT, port: 'many' },
    peer: { addr: SERVER, port: '13306' },
    connections: 1,
    source: 'conntrack',
  };
  assert.deepEqual(sorted(rows), [
    {
      ...common,
      stat: statOfInitiator(
        countersOf(table, { ...from, destination: SERVER, sourcePort: direct, destinationPort: 13306 }),
      ),
    },
    {
      ...common,
      via: { addr: SERVICE, port: '3306' },
      stat: statOfInitiator(
        countersOf(table, { ...from, destination: SERVICE, sourcePort: translated, destinationPort: 3306 }),
      ),
    },
  ]);
});

kernelTest(
  'a port that the host redirects to another of its own: passive, with the dialled port',
  async (network) => {
    const { client, server } = pair(network);
    server.track();
    server.nft(`table ip nat {
    chain in { type nat hook prerouting priority dstnat; tcp dport 80 redirect to :8080; }
  }`);
    const sourcePort = await exchange(client, server, {
      address: SERVER,
      port: 80,
      listen: { address: '0.0.0.0', port: 8080 },
      request: 600,
      response: 60_000,
    });

    const { table, rows } = await settledRows(server);
    const dialled = { source: CLIENT, destination: SERVER, sourcePort, destinationPort: 80 };
    assert.deepEqual(rows, [
      {
        direction: 'passive',
        protocol: 'tcp',
        local: { addr: SERVER, port: '8080' },
        peer: { addr: CLIENT, port: 'many' },
        via: { addr: SERVER, port: '80' },
        connections: 1,
        stat: statOfResponder(countersOf(table, { protocol: 'tcp', ...dialled })),
        source: 'conntrack',
      },
    ]);
  },
);
