import assert from 'node:assert/strict';
import { kernelTest } from './support/kernel-test.js';
import { settledRows, statOfInitiator, statOfResponder } from './support/listing.js';
import { countersOf, type Connection } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, pair } from './support/topology.js';

const IP_AND_UDP_HEADER = 28;
const IP_AND_ICMP_HEADER = 28;

for (const [family, clientAddress, serverAddress] of [
  ['IPv4', CLIENT, SERVER],
  ['IPv6', CLIENT6, SERVER6],
] as const) {
  kernelTest(`UDP over ${family}: active at the client, passive at the server`, async (network) => {
    const { client, server } = pair(network);
    client.track();
    server.track();
    await server.agent.call({ op: 'udpEcho', address: serverAddress, port: 53 });
    const sourcePort = await client.agent.call({
      op: 'udpExchange',
      address: serverAddress,
      port: 53,
      bytes: 300,
      count: 7,
    });
    const connection: Connection = {
      protocol: 'udp',
      source: clientAddress,
      destination: serverAddress,
      sourcePort,
      destinationPort: 53,
    };

    const atClient = await settledRows(client);
    const counters = countersOf(atClient.table, connection);
    assert.equal(counters.original.packets, 7);
    assert.ok(counters.original.bytes >= 7 * (300 + IP_AND_UDP_HEADER));
    assert.ok(counters.reply.bytes >= 7 * (600 + IP_AND_UDP_HEADER));
    assert.deepEqual(atClient.rows, [
      {
        direction: 'active',
        protocol: 'udp',
        local: { addr: clientAddress, port: 'many' },
        peer: { addr: serverAddress, port: '53' },
        connections: 1,
        stat: statOfInitiator(counters),
        source: 'conntrack',
      },
    ]);

    const atServer = await settledRows(server);
    assert.deepEqual(atServer.rows, [
      {
        direction: 'passive',
        protocol: 'udp',
        local: { addr: serverAddress, port: '53' },
        peer: { addr: clientAddress, port: 'many' },
        connections: 1,
        stat: statOfResponder(countersOf(atServer.table, connection)),
        source: 'conntrack',
      },
    ]);
  });
}

for (const [protocol, clientAddress, serverAddress] of [
  ['icmp', CLIENT, SERVER],
  ['icmpv6', CLIENT6, SERVER6],
] as const) {
  kernelTest(`${protocol}: a protocol without ports`, async (network) => {
    const { client, server } = pair(network);
    client.track();
    server.track();
    client.do('ping', ['-n', '-q', '-c', '3', '-i', '0.2', '-s', '120', serverAddress]);
    const connection: Connection = { protocol, source: clientAddress, destination: serverAddress };

    const atClient = await settledRows(client);
    const counters = countersOf(atClient.table, connection);
    assert.equal(counters.original.packets, 3);
    assert.ok(counters.reply.bytes >= 3 * (120 + IP_AND_ICMP_HEADER));
    assert.deepEqual(atClient.rows, [
      {
        direction: 'active',
        protocol,
        local: { addr: clientAddress, port: '-' },
        peer: { addr: serverAddress, port: '-' },
        connections: 1,
        stat: statOfInitiator(counters),
        source: 'conntrack',
      },
    ]);

    const atServer = await settledRows(server);
    assert.deepEqual(atServer.rows, [
      {
        direction: 'passive',
        protocol,
        local: { addr: serverAddress, port: '-' },
        peer: { addr: clientAddress, port: '-' },
        connections: 1,
        stat: statOfResponder(countersOf(atServer.table, connection)),
        source: 'conntrack',
      },
    ]);
  });
}
