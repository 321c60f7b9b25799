import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelTest } from './support/kernel-test.js';
import { settledRows, statOfInitiator, statOfResponder } from './support/listing.js';
import { countersOf, lineOf, type Connection } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, converse, exchange, pair } from './support/topology.js';

for (const [family, clientAddress, serverAddress] of [
  ['IPv4', CLIENT, SERVER],
  ['IPv6', CLIENT6, SERVER6],
] as const) {
  kernelTest(
    `TCP over ${family}: active at the client, passive at the server, exact on both`,
    async (network) => {
      const { client, server } = pair(network);
      client.track();
      server.track();
      const sourcePort = await exchange(client, server, {
        address: serverAddress,
        port: 3306,
        request: 54_321,
        response: 1_234_567,
      });
      const connection: Connection = {
        protocol: 'tcp',
        source: clientAddress,
        destination: serverAddress,
        sourcePort,
        destinationPort: 3306,
      };

      const atClient = await settledRows(client);
      const clientCounters = countersOf(atClient.table, connection);
      assert.ok(clientCounters.original.bytes > 54_321 && clientCounters.reply.bytes > 1_234_567);
      assert.deepEqual(atClient.rows, [
        {
          direction: 'active',
          protocol: 'tcp',
          local: { addr: clientAddress, port: 'many' },
          peer: { addr: serverAddress, port: '3306' },
          connections: 1,
          stat: statOfInitiator(clientCounters),
          source: 'conntrack',
        },
      ]);

      const atServer = await settledRows(server);
      assert.deepEqual(atServer.rows, [
        {
          direction: 'passive',
          protocol: 'tcp',
          local: { addr: serverAddress, port: '3306' },
          peer: { addr: clientAddress, port: 'many' },
          connections: 1,
          stat: statOfResponder(countersOf(atServer.table, connection)),
          source: 'conntrack',
        },
      ]);
    },
  );
}

kernelTest('TCP: several connections of one host flow are added up', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const what = { address: SERVER, port: 8080, request: 1000, response: 20_000 };
  const ports = [await exchange(client, server, what)];
  for (let more = 0; more < 4; more++) ports.push(await converse(client, server, what));

  const { table, rows } = await settledRows(client);
  const counted = ports.map((sourcePort) =>
    countersOf(table, {
      protocol: 'tcp',
      source: CLIENT,
      destination: SERVER,
      sourcePort,
      destinationPort: 8080,
    }),
  );
  const sum = (pick: (one: (typeof counted)[number]) => number): number =>
    counted.reduce((total, one) => total + pick(one), 0);
  const [row, ...others] = rows;
  assert.deepEqual(others, []);
  assert.equal(row?.connections, 5);
  assert.deepEqual(row.stat, {
    total_inbound_packets: sum((one) => one.reply.packets),
    total_inbound_bytes: sum((one) => one.reply.bytes),
    total_outbound_packets: sum((one) => one.original.packets),
    total_outbound_bytes: sum((one) => one.original.bytes),
  });
});

kernelTest('TCP: a closed connection stays in the sum until the kernel forgets it', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const what = { address: SERVER, port: 8080, request: 1000, response: 20_000 };
  const closed = await exchange(client, server, what);
  const open = await converse(client, server, what);
  for (const host of [client, server]) await host.agent.call({ op: 'tcpClose', connection: closed });

  const { table, rows } = await settledRows(client);
  const to = { protocol: 'tcp', source: CLIENT, destination: SERVER, destinationPort: 8080 };
  assert.match(lineOf(table, { ...to, sourcePort: closed }), / TIME_WAIT /);
  const bytes = [closed, open].map((sourcePort) => countersOf(table, { ...to, sourcePort }).reply.bytes);
  const [row, ...others] = rows;
  assert.deepEqual(others, []);
  assert.equal(row?.connections, 2);
  assert.equal(row.stat?.total_inbound_bytes, (bytes[0] ?? 0) + (bytes[1] ?? 0));
});

kernelTest('TCP: an attempt that nobody answers is a flow with nothing coming in', async (network) => {
  const { client } = pair(network);
  client.track();
  const nobody = '192.0.2.99';
  void client.agent.call({ op: 'tcpConnect', address: nobody, port: 80 }).catch(() => undefined);
  for (let tries = 0; tries < 50 && client.table() === ''; tries++) await sleep(20);

  const { table, rows } = await settledRows(client);
  const [, sourcePort = ''] = / sport=(\d+) /.exec(table) ?? [];
  const connection = { protocol: 'tcp', source: CLIENT, destination: nobody, sourcePort: Number(sourcePort) };
  assert.deepEqual(rows, [
    {
      direction: 'active',
      protocol: 'tcp',
      local: { addr: CLIENT, port: 'many' },
      peer: { addr: nobody, port: '80' },
      connections: 1,
      stat: statOfInitiator(countersOf(table, { ...connection, destinationPort: 80 })),
      source: 'conntrack',
    },
  ]);
  assert.equal(countersOf(table, { ...connection, destinationPort: 80 }).reply.packets, 0);
});
