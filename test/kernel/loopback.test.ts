import assert from 'node:assert/strict';
import { kernelTest } from './support/kernel-test.js';
import {
  hostflow,
  payloadsOf,
  rowsOf,
  settledRows,
  statOfInitiator,
  withoutStat,
} from './support/listing.js';
import { countersOf } from './support/table.js';
import { exchange, SERVER, pair } from './support/topology.js';

for (const [name, address] of [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ["the host's own address", SERVER],
] as const) {
  kernelTest(`a connection to ${name}: hidden, shown once with --loopback`, async (network) => {
    const { server } = pair(network);
    server.track();
    const what = { address, port: 8080, request: 10_000, response: 100_000 };
    const sourcePort = await exchange(network.another(server), server, what);

    assert.deepEqual((await settledRows(server)).rows, []);
    const { table, rows } = await settledRows(server, ['--loopback']);
    const counters = countersOf(table, {
      protocol: 'tcp',
      source: address,
      destination: address,
      sourcePort,
      destinationPort: 8080,
    });
    assert.deepEqual(rows, [
      {
        direction: 'loopback',
        protocol: 'tcp',
        local: { addr: address, port: 'many' },
        peer: { addr: address, port: '8080' },
        connections: 1,
        stat: statOfInitiator(counters),
        source: 'conntrack',
      },
    ]);
  });
}

kernelTest('a loopback connection is counted once from its two sockets as well', async (network) => {
  const { server } = pair(network);
  await exchange(network.another(server), server, {
    address: '127.0.0.1',
    port: 8080,
    request: 100,
    response: 300,
  });
  const listing = hostflow(server, ['-n', '--json', '--loopback', '--source', 'sockets']);
  assert.equal(listing.status, 0);
  const rows = rowsOf(listing);
  assert.deepEqual(payloadsOf(rows), [{ inbound: 300, outbound: 100 }]);
  assert.deepEqual(withoutStat(rows), [
    {
      direction: 'loopback',
      protocol: 'tcp',
      local: { addr: '127.0.0.1', port: 'many' },
      peer: { addr: '127.0.0.1', port: '8080' },
      connections: 1,
      source: 'sockets',
    },
  ]);
});
