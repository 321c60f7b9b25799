/** Bytes over time on a host that is idle at the start: whether conntrack tracks is known when something flows. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { HostFlow } from '../../src/flows/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { payloadsOf, rowsOf } from './support/listing.js';
import type { Host } from './support/network.js';
import { converse, pair, SERVER } from './support/topology.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const REASON =
  /^hostflow: connection tracking is loaded but tracks nothing: .*payload of TCP connections.*\n$/;
const REQUEST = 5_000;
const RESPONSE = 70_000;
const ANSWER = `require('node:net').createServer((socket) => socket.once('data', () => socket.end(Buffer.alloc(${RESPONSE}))))
  .listen(80, '${SERVER}', () => console.log('listening'))`;
const ASK = `require('node:net').connect(80, '${SERVER}', function () { this.write(Buffer.alloc(${REQUEST})); }).resume()`;

/** Measures in the host while it asks the server once; the host has had no connection before. */
async function measured(
  client: Host,
  server: Host,
): Promise<{ status: number; remarks: string; rows: HostFlow[] }> {
  await server.start('node', ['-e', ANSWER]).says('stdout', /listening/);
  const run = client.try('node', [MAIN, 'measure', '-n', '--json', '--', 'node', '-e', ASK]);
  // The listing of a command's bytes goes to standard error too.
  const listingAt = run.stderr.search(/^\[/m);
  const remarks = run.stderr.slice(0, listingAt);
  return { status: run.status, remarks, rows: rowsOf({ ...run, stdout: run.stderr.slice(listingAt) }) };
}

kernelTest(
  'measure on an idle host that tracks nothing: the payload by sockets, and why',
  async (network) => {
    const { client, server } = pair(network);
    const { status, remarks, rows } = await measured(client, server);
    assert.equal(status, 0, remarks);
    assert.match(remarks, REASON);
    assert.deepEqual(
      rows.map(({ direction, peer, source }) => [direction, peer, source]),
      [['active', { addr: SERVER, port: '80' }, 'sockets']],
    );
    assert.deepEqual(payloadsOf(rows), [{ inbound: RESPONSE, outbound: REQUEST }]);
  },
);

kernelTest(
  'measure on an idle host that tracks: the bytes of conntrack, without a remark',
  async (network) => {
    const { client, server } = pair(network);
    client.track();
    const { status, remarks, rows } = await measured(client, server);
    assert.deepEqual([status, remarks], [0, '']);
    assert.deepEqual(
      rows.map(({ direction, peer, source }) => [direction, peer, source]),
      [['active', { addr: SERVER, port: '80' }, 'conntrack']],
    );
    const [entry = ''] = client.table().split('\n');
    const [outbound, inbound] = [...entry.matchAll(/bytes=(\d+)/g)].map(([, bytes]) => Number(bytes));
    const [{ stat } = { stat: null }] = rows;
    // The last acknowledgement may come when it is measured already.
    assert.ok(Number(stat?.total_inbound_bytes) > RESPONSE && Number(stat?.total_outbound_bytes) > REQUEST);
    assert.ok(Number(stat?.total_inbound_bytes) <= Number(inbound));
    assert.ok(Number(stat?.total_outbound_bytes) <= Number(outbound));
  },
);

kernelTest(
  'measure and watch: UDP alone on a host that tracks, and on one that does not',
  async (network) => {
    const { client, server } = pair(network);
    client.track();
    const SEND = `require('node:dgram').createSocket('udp4').send('x', 53, '${SERVER}', function () { this.close(); })`;
    const run = (host: Host): { stdout: string; stderr: string } =>
      host.try('node', [MAIN, 'measure', '-n', '--', 'node', '-e', SEND.replace(SERVER, '192.0.2.9')]);
    assert.match(run(client).stderr, /^Local[^\n]+\n192\.0\.2\.1:many[^\n]+192\.0\.2\.9:53 +udp/);
    const untracked = run(server).stderr;
    assert.match(
      untracked,
      /^hostflow: .*had no entry, and there was no TCP connection: .*only UDP.*"ct state"/,
    );
    const insisting = server.try('node', [MAIN, 'measure', '--for', '100ms', '--source', 'netlink']);
    assert.equal(insisting.stderr, '');
  },
);

kernelTest('watch on an idle host that tracks nothing: says so when something flows', async (network) => {
  const { client, server } = pair(network);
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: 80 });
  const watch = client.start('node', [MAIN, 'watch', '-n', '--interval', '100ms']);
  // Undecided at first: the connection comes when intervals have passed, on which nothing is said.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await converse(client, server, { address: SERVER, port: 80, request: REQUEST, response: RESPONSE });
  await watch.says('stderr', /tracks nothing/);
  await watch.says('stdout', new RegExp(`"total_?[^\\n]*${RESPONSE}`));
  const { status, stdout, stderr } = await watch.end('SIGINT');
  assert.equal(status, 0, stderr);
  assert.match(stderr, REASON);
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HostFlow & { delta: Record<string, number> });
  assert.ok(records.every(({ source }) => source === 'sockets'));
  const sumOf = (field: string): number =>
    records.reduce((total, { delta }) => total + Number(delta[field]), 0);
  assert.deepEqual([sumOf('inbound_bytes'), sumOf('outbound_bytes')], [RESPONSE, REQUEST]);
});
