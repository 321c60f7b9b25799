import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { kernelTest } from './support/kernel-test.js';
import { hostflow, settledRows } from './support/listing.js';
import type { Host, Network } from './support/network.js';
import { CLIENT, SERVER, exchange, pair } from './support/topology.js';

const SIZES = { request: 1_000, response: 5_000 };

/** A host that opens to 3306, 11211 and 443, and is opened to on 80 and 22. */
async function busyHost(network: Network): Promise<Host> {
  const { client, server } = pair(network);
  client.track();
  for (const port of [3306, 11211, 443]) await exchange(client, server, { address: SERVER, port, ...SIZES });
  for (const port of [80, 22]) await exchange(server, client, { address: CLIENT, port, ...SIZES });
  return client;
}

kernelTest("lsconntrack's invocations keep working", async (network) => {
  const host = await busyHost(network);
  const all = (await settledRows(host)).rows;
  assert.equal(all.length, 5);

  for (const [flags, ports] of [
    [['-a'], ['11211', '3306', '443']],
    [['--active'], ['11211', '3306', '443']],
    [['-p'], ['22', '80']],
    [['--passive'], ['22', '80']],
    [
      ['-a', '-p'],
      ['11211', '22', '3306', '443', '80'],
    ],
    [
      ['-a', '--aport', '3306', '--aport', '11211'],
      ['11211', '3306'],
    ],
    [
      ['-a', '--aport', '3306,11211'],
      ['11211', '3306'],
    ],
    [['-p', '--pport', '80'], ['80']],
    [['-p', '--passive-port', '20-30'], ['22']],
  ] as const) {
    const { table, rows } = await settledRows(host, flags);
    const direct = rows.map(({ direction, local, peer }) =>
      direction === 'active' ? peer.port : local.port,
    );
    assert.deepEqual(direct.sort(), ports, flags.join(' '));

    const { rows: piped } = await settledRows(host, flags);
    const fromStdin = hostflow(host, ['-n', '--json', '--stdin', ...flags], table);
    assert.equal(fromStdin.stderr, '');
    assert.deepEqual(JSON.parse(fromStdin.stdout), piped, flags.join(' '));
  }
});

kernelTest("JSON in lsconntrack's shape: direction, local, peer, and the four totals", async (network) => {
  const host = await busyHost(network);
  const { rows } = await settledRows(host, ['-a', '--aport', '3306']);
  const [row] = rows;
  assert.equal(row?.direction, 'active');
  assert.equal(row.local.port, 'many');
  assert.equal(row.peer.addr, SERVER);
  assert.equal(row.peer.port, '3306');
  assert.ok(row.stat !== null);
  assert.deepEqual(Object.keys(row.stat).sort(), [
    'total_inbound_bytes',
    'total_inbound_packets',
    'total_outbound_bytes',
    'total_outbound_packets',
  ]);
});

kernelTest('a pipe that is closed early is no error', async (network) => {
  const host = await busyHost(network);
  const { status, stderr } = host.try('bash', [
    '-c',
    '"$0" "$1" -n --limit 0 | true; exit "${PIPESTATUS[0]}"',
    process.execPath,
    fileURLToPath(new URL('../../src/cli/main.js', import.meta.url)),
  ]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
});
