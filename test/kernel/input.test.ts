import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { hostflow, rowsOf, settledRows, sorted, statOfResponder } from './support/listing.js';
import type { Host, Network } from './support/network.js';
import { atRest, countersOf } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, exchange, pair } from './support/topology.js';

const SIZES = { request: 2_000, response: 50_000 };

/** TCP, UDP and ICMP, both families, between two hosts that track. */
async function variety(network: Network): Promise<{ client: Host; server: Host }> {
  const { client, server } = pair(network);
  for (const host of [client, server]) {
    host.sysctl('net/netfilter/nf_conntrack_timestamp', '1');
    host.track();
  }
  for (const address of [SERVER, SERVER6]) {
    await exchange(client, server, { address, port: 3306, ...SIZES });
    await server.agent.call({ op: 'udpEcho', address, port: 53 });
    await client.agent.call({ op: 'udpExchange', address, port: 53, bytes: 100, count: 4 });
    client.do('ping', ['-n', '-q', '-c', '2', '-i', '0.2', address]);
  }
  return { client, server };
}

/** The output of `conntrack -L` and of hostflow's own look at the kernel, while nothing moves. */
async function dumpAndRows(host: Host, form: string): Promise<{ dump: string; rows: HostFlow[] }> {
  for (let tries = 0; tries < 30; tries++) {
    const before = atRest(host.table());
    const dump = ['ipv4', 'ipv6'].map((family) =>
      host.do('conntrack', ['-L', '-f', family, ...(form === '' ? [] : ['-o', form])]),
    );
    const { table, rows } = await settledRows(host);
    if (before === atRest(table)) return { dump: dump.join(''), rows };
    await sleep(100);
  }
  throw new Error('the table never came to rest');
}

kernelTest(
  'conntrack -L in its -o forms through --stdin gives the figures of the kernel',
  async (network) => {
    const { client } = await variety(network);
    for (const form of [
      '',
      'extended',
      'id',
      'timestamp',
      'ktimestamp',
      'labels',
      'extended,id',
      'extended,id,timestamp,ktimestamp,labels',
    ]) {
      const { dump, rows } = await dumpAndRows(client, form);
      const piped = hostflow(client, ['-n', '--json', '--stdin'], dump);
      assert.equal(piped.stderr, '', form);
      assert.equal(piped.status, 0, form);
      assert.equal(rows.length, 6);
      assert.deepEqual(rowsOf(piped), rows, form);
    }
  },
);

kernelTest("conntrack's closing remark on a merged stderr does no harm", async (network) => {
  const { client } = await variety(network);
  const { rows } = await settledRows(client);
  const dump = client.do('sh', ['-c', 'conntrack -L 2>&1']);
  assert.match(dump, /flow entries have been shown/);
  const piped = hostflow(client, ['-n', '--json', '--stdin'], dump);
  assert.equal(piped.status, 0);
  assert.deepEqual(rowsOf(piped), rows);
});

kernelTest(
  'cat /proc/net/nf_conntrack | hostflow --stdin gives the listing of hostflow alone',
  async (network) => {
    const { client, server } = await variety(network);
    for (const host of [client, server]) {
      const { table, rows } = await settledRows(host);
      const piped = hostflow(host, ['-n', '--json', '--stdin'], table);
      assert.equal(piped.stderr, '');
      assert.deepEqual(rowsOf(piped), rows);
      assert.deepEqual(rowsOf(hostflow(host, ['-n', '--json', '--input', '-'], table)), rows);
    }
  },
);

kernelTest('--pid lists the network namespace of that process', async (network) => {
  const { client, server } = await variety(network);
  const { rows } = await settledRows(server);
  assert.ok(rows.every(({ direction }) => direction === 'passive'));
  const elsewhere = hostflow(client, ['-n', '--json', '--pid', String(server.agent.pid)]);
  assert.equal(elsewhere.stderr, '');
  assert.equal(elsewhere.status, 0);
  assert.deepEqual(rowsOf(elsewhere), rows);
});

kernelTest('--input reads a copied table, and --local names its host', async (network) => {
  const { server } = await variety(network);
  const { table, rows } = await settledRows(server);
  const bystander = network.host('bystander');
  const directory = mkdtempSync(join(tmpdir(), 'hostflow-'));
  try {
    const file = join(directory, 'nf_conntrack');
    writeFileSync(file, table);

    const local = ['--local', SERVER, '--local', '2001:db8:1::2/128'];
    const listing = hostflow(bystander, ['-n', '--json', '--input', file, ...local]);
    assert.equal(listing.stderr, '');
    assert.equal(listing.status, 0);
    assert.deepEqual(sorted(rowsOf(listing)), sorted(rows));

    const clients = hostflow(bystander, ['-n', '--json', '--input', file, '--local', `${CLIENT}/32`]);
    assert.deepEqual(new Set(rowsOf(clients).map((row) => row.direction)), new Set(['active', 'forwarded']));

    const nobodys = hostflow(bystander, ['-n', '--json', '--input', file]);
    assert.equal(nobodys.status, 0);
    assert.match(nobodys.stderr, /--local/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

kernelTest('--input: counters of a copied table, exact', async (network) => {
  const { client, server } = pair(network);
  server.track();
  const sourcePort = await exchange(client, server, { address: SERVER6, port: 80, ...SIZES });
  const { table } = await settledRows(server);
  const connection = { source: CLIENT6, destination: SERVER6, sourcePort, destinationPort: 80 };
  const listing = hostflow(client, ['-n', '--json', '--stdin', '--local', SERVER6], table);
  assert.deepEqual(rowsOf(listing), [
    {
      direction: 'passive',
      protocol: 'tcp',
      local: { addr: SERVER6, port: '80' },
      peer: { addr: CLIENT6, port: 'many' },
      connections: 1,
      stat: statOfResponder(countersOf(table, { protocol: 'tcp', ...connection })),
      source: 'conntrack',
    },
  ]);
});
