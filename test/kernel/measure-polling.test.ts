/** Bytes over time from the file alone. Known bytes count, and the limits of the method are reported. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { kernelTest } from './support/kernel-test.js';
import { rowsOf, statOfInitiator } from './support/listing.js';
import { atRest, countersOf } from './support/table.js';
import { converse, exchange, pair, CLIENT, SERVER } from './support/topology.js';
import { installed } from './support/unprivileged.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const POLLED =
  /the conntrack table is read every 1 s, without events: connections shorter than that may be missing/;
const SIZES = { address: SERVER, port: 3306, request: 1_000, response: 9_000 };

kernelTest('measure --source procfs: the gain of the entries in the file', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const sourcePort = await exchange(client, server, SIZES);
  const of = (port: number) => ({
    protocol: 'tcp',
    source: CLIENT,
    destination: SERVER,
    sourcePort: port,
    destinationPort: SIZES.port,
  });
  let before = client.table();
  while (before !== (before = client.table())) assert.ok(before);
  const measure = client.start('node', [MAIN, 'measure', '-n', '--json', '--source', 'procfs']);
  await measure.says('stderr', POLLED);
  await client.agent.call({ op: 'tcpSend', connection: sourcePort, bytes: 5_000 });
  await server.agent.call({ op: 'tcpReceive', connection: sourcePort, bytes: SIZES.request + 5_000 });
  const newPort = await converse(client, server, SIZES);
  let after = client.table();
  while (atRest(after) !== atRest((after = client.table()))) assert.ok(after);
  const [row, ...others] = rowsOf(await measure.end('SIGINT'));
  assert.deepEqual(others, []);
  const [was, is, isNew] = [
    countersOf(before, of(sourcePort)),
    countersOf(after, of(sourcePort)),
    countersOf(after, of(newPort)),
  ].map((counted) => statOfInitiator(counted));
  const gained = Object.keys(was ?? {}).map((key) => {
    const name = key as keyof NonNullable<typeof was>;
    return [name, Number(is?.[name]) - Number(was?.[name]) + Number(isNew?.[name])];
  });
  assert.deepEqual(row?.stat, Object.fromEntries(gained));
});

kernelTest('measure without koffi: the file is polled, where it may be read', async (network) => {
  const { client } = pair(network);
  client.track();
  await installed('without optional packages', (copy) => {
    const flags = ['measure', '-n', '--json', '--for', '300ms'];
    const root = copy.asRoot(client, flags);
    assert.equal(root.status, 0);
    assert.deepEqual(rowsOf(root), []);
    assert.match(root.stderr, POLLED);
    const nobody = copy.asNobody(client, flags);
    assert.equal(nobody.status, 1);
    assert.match(nobody.stderr, /^hostflow: permission denied on .*nf_conntrack, which needs root [^\n]+\n$/);
    return Promise.resolve();
  });
});
