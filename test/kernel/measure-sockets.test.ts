/** Bytes over time without privileges and without conntrack: the payload of short connections, exact on both ends. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostFlow } from '../../src/flows/host-flow.js';
import type { Running } from './support/background.js';
import { kernelTest } from './support/kernel-test.js';
import { payloadsOf, rowsOf } from './support/listing.js';
import type { Host } from './support/network.js';
import { exchange, pair, SERVER } from './support/topology.js';
import { installed } from './support/unprivileged.js';

/** To each port. */
const CONNECTIONS = 1500;
const REPLY = 777;
const REQUEST = 500;
const INSTEAD = /operation not permitted.*counting sockets instead, .*payload of TCP.*UDP/;

/**
 * Who closes first, and how, by port. Who shuts down reads to the end before the socket is closed; who closes never does, and
 * has to know when all is there. `half`: the client shuts down, and the server answers then. `server`: it answers and shuts
 * down. `clientCloses`: once it has read the answer. `serverCloses`: it reads the request, answers and closes.
 */
const PORTS = { half: 9001, server: 9002, clientCloses: 9003, serverCloses: 9004 } as const;

/** What the connection of this number sends and gets: nothing in a fifth of them, one way or the other. */
function sizesOf(index: number): [request: number, reply: number] {
  const size = (index * 7919) % 20_011;
  return [index % 5 === 0 ? 0 : size, index % 5 === 1 ? 0 : (size * 3) % 40_009];
}

const SIZES = sizesOf.toString();

const SERVE = `
const { createServer } = require('node:net');
${SIZES}
const on = (port, serve) => {
  let index = 0;
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}).resume();
    serve(socket, index++);
  }).listen(port, '${SERVER}', 1024);
};
on(${PORTS.half}, (socket, index) => socket.on('end', () => socket.end(Buffer.alloc(sizesOf(index)[1]))));
on(${PORTS.server}, (socket, index) => socket.end(Buffer.alloc(sizesOf(index)[1])));
on(${PORTS.clientCloses}, (socket) => { socket.write(Buffer.alloc(${REPLY})); socket.on('end', () => socket.end()); });
on(${PORTS.serverCloses}, (socket, index) => {
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
    if (received === ${REQUEST}) socket.write(Buffer.alloc(sizesOf(index)[1]), () => socket.destroy());
  });
});
setTimeout(() => console.log('listening'), 200);
`;

const CONNECT = `
const { connect } = require('node:net');
${SIZES}
let next = 0;
const open = (port, index) => new Promise((resolve) => {
  const request = Buffer.alloc(port === ${PORTS.serverCloses} ? ${REQUEST} : sizesOf(index)[0]);
  let received = 0;
  let sent = false;
  const socket = connect({ port, host: '${SERVER}', allowHalfOpen: true }, () => {
    if (port === ${PORTS.half}) socket.end(request);
    else socket.write(request, () => { sent = true; enough(); });
  });
  const enough = () => {
    if (port === ${PORTS.clientCloses} && sent && received === ${REPLY}) socket.destroy();
  };
  socket.on('data', (chunk) => { received += chunk.length; enough(); });
  socket.on('end', () => socket.end());
  socket.on('error', (error) => { throw error; }).on('close', resolve);
});
const one = async () => {
  while (next < ${CONNECTIONS}) {
    const index = next++;
    for (const port of [${Object.values(PORTS).join()}]) await open(port, index);
  }
};
Promise.all(Array.from({ length: 16 }, one));
`;

/** What each port carried: bytes to the server, and from it. */
function carried(): Record<string, [number, number]> {
  const sums = [0, 0];
  for (let index = 0; index < CONNECTIONS; index++) {
    sizesOf(index).forEach((size, way) => (sums[way] = (sums[way] ?? 0) + size));
  }
  const [requests = 0, replies = 0] = sums;
  return {
    [PORTS.half]: [requests, replies],
    [PORTS.server]: [requests, replies],
    [PORTS.clientCloses]: [requests, REPLY * CONNECTIONS],
    [PORTS.serverCloses]: [REQUEST * CONNECTIONS, replies],
  };
}

type Recorded = Pick<HostFlow, 'direction' | 'local' | 'peer' | 'source'> & {
  delta: { inbound_bytes: number; outbound_bytes: number };
};

/** By service port: bytes to the server, and from it. */
function sums(
  direction: 'active' | 'passive',
  rows: readonly (Pick<HostFlow, 'direction' | 'local' | 'peer' | 'source'> & { bytes: [number, number] })[],
): Record<string, [number, number]> {
  const byPort: Record<string, [number, number]> = {};
  for (const { local, peer, bytes, source, ...row } of rows) {
    assert.deepEqual([row.direction, source], [direction, 'sockets']);
    const port = direction === 'active' ? peer.port : local.port;
    const [inbound, outbound] = bytes;
    const sum = (byPort[port] ??= [0, 0]);
    sum[0] += direction === 'active' ? outbound : inbound;
    sum[1] += direction === 'active' ? inbound : outbound;
  }
  return byPort;
}

function measured(direction: 'active' | 'passive', stdout: string): Record<string, [number, number]> {
  const rows = JSON.parse(stdout) as HostFlow[];
  assert.deepEqual(
    rows.map(({ connections }) => connections),
    rows.map(() => CONNECTIONS),
  );
  return sums(
    direction,
    rows.map(({ stat, ...row }) => ({
      ...row,
      bytes: [Number(stat?.total_inbound_bytes), Number(stat?.total_outbound_bytes)],
    })),
  );
}

function watched(direction: 'active' | 'passive', stdout: string): Record<string, [number, number]> {
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  return sums(
    direction,
    rows.map(({ delta, ...row }) => ({ ...row, bytes: [delta.inbound_bytes, delta.outbound_bytes] })),
  );
}

kernelTest(
  'measure and watch without privileges: payload exact on both ends, whoever closes',
  async (network) => {
    const { client, server } = pair(network);
    await installed('with optional packages', async (copy) => {
      await server.start('node', ['-e', SERVE]).says('stdout', /listening/);
      const ends = [
        { host: client, direction: 'active' },
        { host: server, direction: 'passive' },
      ] as const;
      const lookers = ends.flatMap(({ host, direction }) => [
        { direction, sumsOf: measured, running: copy.startAsNobody(host, ['measure', '-n', '--json']) },
        {
          direction,
          sumsOf: watched,
          running: copy.startAsNobody(host, ['watch', '-n', '--interval', '500ms']),
        },
      ]);
      for (const { running } of lookers) await running.says('stderr', INSTEAD);
      const traffic = await client.start('node', ['-e', CONNECT]).end();
      assert.equal(traffic.status, 0, traffic.stderr);
      for (const { direction, sumsOf, running } of lookers) {
        const { status, stdout, stderr } = await running.end('SIGINT');
        assert.equal(status, 0, stderr);
        // One line, which says that sockets are counted: nothing was lost.
        assert.match(stderr, /^hostflow: [^\n]+\n$/);
        assert.deepEqual(sumsOf(direction, stdout), carried());
      }
    });
  },
);

kernelTest('measure without privileges, stopped under load: exact, or less and said', async (network) => {
  const { server } = pair(network);
  await installed('with optional packages', async (copy) => {
    await server.start('node', ['-e', SERVE]).says('stdout', /listening/);
    const running = copy.startAsNobody(server, ['measure', '-n', '--json', '--loopback']);
    await running.says('stderr', INSTEAD);
    // It listens to signals soon after it has said that.
    await sleep(300);
    running.signal('SIGSTOP');
    // Within one host both ends of each connection are told: more than waits without privileges, where that is 4 MiB or less.
    const traffic = await server.start('node', ['-e', CONNECT]).end();
    assert.equal(traffic.status, 0, traffic.stderr);
    running.signal('SIGCONT');
    const { status, stdout, stderr } = await running.end('SIGINT');
    assert.equal(status, 0, stderr);
    const rows = JSON.parse(stdout) as HostFlow[];
    const counted = rows.reduce((sum, { stat }) => sum + Number(stat?.total_outbound_bytes), 0);
    const sent = Object.values(carried()).reduce((sum, [requests]) => sum + requests, 0);
    const isSaid = /events were lost/.test(stderr);
    assert.ok(isSaid ? counted < sent : counted === sent, `${counted} of ${sent} bytes: ${stderr}`);
  });
});

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ALREADY = { address: SERVER, port: 3306, request: 1_000, response: 9_000 };
const PAYLOAD = /bytes of sockets: payload of TCP connections/;

/** Measures by sockets, in a host or from outside it. */
function measure(host: Host, ...flags: readonly string[]): Running {
  return host.start('node', [MAIN, 'measure', '-n', '--json', '--source', 'sockets', ...flags]);
}

kernelTest(
  'measure by sockets: what was there at the start is not counted, what comes on it is',
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
    // While it is held, its last bytes are said to be missing.
    assert.match(stderr, /the last bytes of 1 connection that ended unseen/);
    const measured = await behind.end('SIGINT');
    assert.deepEqual(rowsOf(measured), []);
    assert.doesNotMatch(measured.stderr, /ended without/);
  },
);

kernelTest(
  'measure by sockets: a connection that its own program resets is missing, and that is said',
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
    assert.match(opener?.stderr ?? '', /hostflow: 1 connection ended without their figures \(reset by/);
    assert.deepEqual(rowsOf(opener ?? assert.fail()), []);
    // The other end has its figures.
    assert.doesNotMatch(acceptor?.stderr ?? '', /ended without/);
    assert.deepEqual(payloadsOf(rowsOf(acceptor ?? assert.fail())), [{ inbound: 100, outbound: 0 }]);
  },
);

kernelTest(
  'measure: where conntrack tracks nothing, sockets are counted, and that is said',
  async (network) => {
    const { client, server } = pair(network);
    await exchange(client, server, ALREADY);
    const run = client.try('node', [MAIN, 'measure', '-n', '--json', '--for', '100ms']);
    assert.match(
      run.stderr,
      /tracks nothing: .*what is shown are sockets, their bytes are the payload of TCP/,
    );
    assert.deepEqual(rowsOf(run), []);
    const insisting = client.try('node', [MAIN, 'measure', '-n', '--for', '100ms', '--source', 'netlink']);
    assert.equal(insisting.stderr, '');
  },
);
