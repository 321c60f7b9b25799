import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelTest } from './support/kernel-test.js';
import { settledRows, statOfInitiator, statOfResponder } from './support/listing.js';
import { countersOf, type Connection } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, exchange, pair } from './support/topology.js';

/** Longer than a delayed acknowledgement, which would be the first packet after the flush. */
const LATE_ACKNOWLEDGEMENTS = 400;

for (const [name, listenAddress, clientAddress, serverAddress] of [
  ['IPv4', SERVER, CLIENT, SERVER],
  ['IPv4 at a wildcard listener', '0.0.0.0', CLIENT, SERVER],
  ['IPv4 at a listener on ::', '::', CLIENT, SERVER],
  ['IPv6', SERVER6, CLIENT6, SERVER6],
] as const) {
  kernelTest(
    `${name}: picked up in mid-stream by the server's word, still the right way round`,
    async (network) => {
      const { client, server } = pair(network);
      client.track();
      server.track();
      const sourcePort = await exchange(client, server, {
        address: serverAddress,
        port: 3306,
        listen: { address: listenAddress, port: 3306 },
        request: 1_000,
        response: 1_000,
      });
      await sleep(LATE_ACKNOWLEDGEMENTS);
      for (const host of [client, server]) host.do('conntrack', ['-F']);
      await server.agent.call({ op: 'tcpSend', connection: sourcePort, bytes: 400_000 });
      await client.agent.call({ op: 'tcpReceive', connection: sourcePort, bytes: 401_000 });

      // The table has it backwards: the server's packet came first.
      const backwards: Connection = {
        protocol: 'tcp',
        source: serverAddress,
        destination: clientAddress,
        sourcePort: 3306,
        destinationPort: sourcePort,
      };

      const atServer = await settledRows(server);
      const serverCounters = countersOf(atServer.table, backwards);
      assert.ok(serverCounters.original.bytes > 400_000);
      assert.deepEqual(atServer.rows, [
        {
          direction: 'passive',
          protocol: 'tcp',
          local: { addr: serverAddress, port: '3306' },
          peer: { addr: clientAddress, port: 'many' },
          connections: 1,
          stat: statOfInitiator(serverCounters),
          source: 'conntrack',
        },
      ]);

      const atClient = await settledRows(client);
      assert.deepEqual(atClient.rows, [
        {
          direction: 'active',
          protocol: 'tcp',
          local: { addr: clientAddress, port: 'many' },
          peer: { addr: serverAddress, port: '3306' },
          connections: 1,
          stat: statOfResponder(countersOf(atClient.table, backwards)),
          source: 'conntrack',
        },
      ]);
    },
  );
}
