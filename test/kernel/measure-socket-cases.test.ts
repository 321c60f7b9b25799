/** Bytes over time by sockets: older connections, connections that a program resets or holds, and the choice of sockets. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Running } from './support/background.js';
import { kernelTest } from './support/kernel-test.js';
import { payloadsOf, rowsOf } from './support/listing.js';
import type { Host } from './support/network.js';
import { PORTS, SERVE, sizesOf, watched } from './support/short-connections.js';
import { exchange, pair, SERVER } from './support/topology.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const ALREADY = { address: SERVER, port: 3306, request: 1_000, response: 9_000 };
const PAYLOAD = /bytes of sockets are the payload of TCP connections/;

/** Measures by sockets, in a host or from outside it. */
function measure(host: Host, ...flags: readonly string[]): Running {
  return host.start('node', [MAIN, 'measure', '-n', '--json', '--source', 'sockets', ...flags]);
}

kernelTest(
  'measure by sockets: bytes from before the start are not counted, later ones of the same connection are',
  async (network) => {
    const { client, server } = pair(network);
    const connection = await exchange(client, server, ALREADY);
    const outside = network.host('outside');
    const running = [measure(client), measure(outside, '--netns', client.namespace)];
    for (const each of running) await each.says('stderr', PAYLOAD);
    await client.agent.call({ op: 'tcpSend', connection, bytes: 5_000 });
    await server.agent.call({ op: 'tcpReceive', connection, bytes: ALREADY.request + 5_000 });
    for (const each of running) {
      const rows = rowsOf(await each.end('SIGINT'));
      assert.deepEqual(
        rows.map(({ direction, peer, connections }) => [direction, peer, connections]),
        [['active', { addr: SERVER, port: '3306' }, 1]],
      );
      const [{ inbound, outbound } = {}] = payloadsOf(rows);
      assert.deepEqual([inbound, outbound], [0, 5_000]);
    }
  },
);

/** Opens a connection, ends it after a while, and does not read what comes back until it gets a signal. */
const HOLD = `
const socket = require('node:net').connect({ port: ${PORTS.half}, host: '${SERVER}' }, () => {
  socket.pause();
  socket.write('x'.repeat(1000));
  setTimeout(() => socket.end(), 1000);
  setTimeout(() => console.log('held'), 2500);
  const alive = setInterval(() => {}, 1000);
  process.once('SIGUSR2', () => {
    socket.resume();
    clearInterval(alive);
  });
});
`;

kernelTest(
  'by sockets: a dead connection that its program holds counts once, where it is due',
  async (network) => {
    const { client, server } = pair(network);
    // The first connection would get nothing back.
    await server
      .start('node', ['-e', SERVE.replace('let index = 0', 'let index = 2')])
      .says('stdout', /listening/);
    const during = client.start('node', [MAIN, 'watch', '-n', '--interval', '100ms', '--source', 'sockets']);
    await during.says('stderr', PAYLOAD);
    const program = client.start('node', ['-e', HOLD]);
    await program.says('stdout', /held/);
    const behind = measure(client);
    await behind.says('stderr', PAYLOAD);
    program.signal('SIGUSR2');
    assert.equal((await program.end()).status, 0);
    const { stdout, stderr } = await during.end('SIGINT');
    assert.deepEqual(watched('active', stdout), { [PORTS.half]: [1000, sizesOf(2)[1]] });
    // While it is held, its last bytes are reported as missing.
    assert.match(stderr, /the last bytes of 1 connection are missing: .* still holds their dead sockets/);
    const measured = await behind.end('SIGINT');
    assert.deepEqual(rowsOf(measured), []);
    assert.doesNotMatch(measured.stderr, /bytes of .* are missing/);
  },
);

kernelTest(
  'measure by sockets: a connection that its own program resets is missing, and is reported so',
  async (network) => {
    const { client, server } = pair(network);
    await server.agent.call({ op: 'tcpListen', address: SERVER, port: 80 });
    const running = [measure(client), measure(server)];
    for (const each of running) await each.says('stderr', PAYLOAD);
    const reset = client.do('node', [
      '-e',
      `const socket = require('node:net').connect(80, '${SERVER}', () =>
       socket.write('x'.repeat(100), () => setTimeout(() => socket.resetAndDestroy(), 100)));`,
    ]);
    assert.equal(reset, '');
    const [opener, acceptor] = await Promise.all(running.map((each) => each.end('SIGINT')));
    assert.match(
      opener?.stderr ?? '',
      /hostflow: the last bytes of 1 connection are missing: .*a local program reset them/,
    );
    assert.deepEqual(rowsOf(opener ?? assert.fail()), []);
    // The other end has its figures.
    assert.doesNotMatch(acceptor?.stderr ?? '', /bytes of .* are missing/);
    assert.deepEqual(payloadsOf(rowsOf(acceptor ?? assert.fail())), [{ inbound: 100, outbound: 0 }]);
  },
);

kernelTest(
  'measure: sockets are counted if conntrack tracks nothing, and this is reported',
  async (network) => {
    const { client, server } = pair(network);
    await exchange(client, server, ALREADY);
    const run = client.try('node', [MAIN, 'measure', '-n', '--json', '--for', '100ms']);
    assert.match(run.stderr, /table is empty, so sockets are shown: .*; their bytes are the payload of TCP/);
    assert.deepEqual(rowsOf(run), []);
    const insisting = client.try('node', [MAIN, 'measure', '-n', '--for', '100ms', '--source', 'netlink']);
    assert.match(insisting.stderr, /^hostflow: the conntrack table stayed empty: /);
  },
);
