/** Bytes over time on a host that is idle at the start. The first flow shows whether conntrack tracks. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { payloadsOf, rowsOf } from './support/listing.js';
import type { Host } from './support/network.js';
import { converse, pair, SERVER } from './support/topology.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const REASON =
  /^hostflow: the conntrack table is empty, so sockets are shown: .*payload of TCP connections.*add an nft rule with "ct state"\n$/;
const REQUEST = 5_000;
const RESPONSE = 70_000;
const ANSWER = `require('node:net').createServer((socket) => socket.once('data', () => socket.end(Buffer.alloc(${RESPONSE}))))
  .listen(80, '${SERVER}', () => console.log('listening'))`;
const ASK = `require('node:net').connect(80, '${SERVER}', function () { this.write(Buffer.alloc(${REQUEST})); }).resume()`;

/** Prints of each interval the codes of its warnings, and the bytes since the start in and out. */
const INTERVALS = `import('${new URL('../../src/index.js', import.meta.url).href}').then(async ({ account }) => {
  for await (const { flows, warnings } of account({ interval: 0.1 })) {
    const sum = (way) => flows.reduce((bytes, { total }) => bytes + total[way].bytes, 0);
    console.log(JSON.stringify([warnings.map(({ code }) => code), sum('inbound'), sum('outbound')]));
  }
});`;

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

kernelTest('measure: UDP alone on a host that tracks, and on one that does not', (network) => {
  const { client, server } = pair(network);
  client.track();
  const send = `const socket = require('node:dgram').createSocket('udp4');
    socket.send('x', 53, '192.0.2.9', () => socket.close());`;
  const stderrOf = (host: Host): string =>
    host.try('node', [MAIN, 'measure', '-n', '--', 'node', '-e', send]).stderr;
  assert.match(stderrOf(client), /^Local[^\n]+\n192\.0\.2\.1:many[^\n]+192\.0\.2\.9:53 +udp/);
  const untracked = stderrOf(server);
  assert.match(
    untracked,
    /^hostflow: no connection was seen: the conntrack table stayed empty, and there was no TCP connection; UDP .*add an nft rule with "ct state"\n/,
  );
  const insisting = server.try('node', [MAIN, 'measure', '-n', '--for', '100ms', '--source', 'netlink']);
  assert.match(
    insisting.stderr,
    /^hostflow: the conntrack table stayed empty: .*add an nft rule with "ct state"\n$/,
  );
  return Promise.resolve();
});

kernelTest(
  'measure: an attempt that the firewall keeps in does not pass for an untracked connection',
  async (network) => {
    const { client } = pair(network);
    client.track();
    client.nft('table inet wall { chain out { type filter hook output priority 10; tcp dport 81 drop; }\n}');
    const attempt = `require('node:net').connect(81, '${SERVER}'); setTimeout(() => console.log('trying'), 100);`;
    await client.start('node', ['-e', attempt]).says('stdout', /trying/);
    const { stdout, stderr } = client.try('node', [MAIN, 'measure', '-n', '--json', '--for', '100ms']);
    assert.match(
      stderr,
      /^hostflow: no connection was seen: the conntrack table stayed empty, and there was no TCP connection/,
    );
    assert.equal(stdout, '[]\n');
  },
);

kernelTest(
  'watch and account() on an idle host that tracks nothing: the reason comes with the traffic',
  async (network) => {
    const { client, server } = pair(network);
    await server.agent.call({ op: 'tcpListen', address: SERVER, port: 80 });
    const watch = client.start('node', [MAIN, 'watch', '-n', '--interval', '100ms']);
    const account = client.start('node', ['-e', INTERVALS]);
    // Those before are empty, and tell what cannot be seen.
    await account.says('stdout', /^\[\["nothing-seen"\],0,0\]\n\[\["nothing-seen"\],0,0\]\n/);
    await converse(client, server, { address: SERVER, port: 80, request: REQUEST, response: RESPONSE });
    await account.says('stdout', new RegExp(`\\["conntrack-empty"\\],${RESPONSE},${REQUEST}\\]\n$`));
    await watch.says('stderr', /the conntrack table is empty/);
    await watch.says('stdout', /\n/);
    const { status, stdout, stderr } = await watch.end('SIGINT');
    assert.equal(status, 0, stderr);
    const [first = '', ...later] = stderr.split('\n');
    assert.match(
      first,
      /^hostflow: no connection was seen: .* UDP and other protocols are seen only by conntrack/,
    );
    assert.match(later.join('\n'), REASON);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as HostFlow);
    assert.ok(records.every(({ source }) => source === 'sockets'));
  },
);
