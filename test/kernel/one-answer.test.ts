/** The listing, `measure`, `watch`, records, text and sockets agree on who opened a connection. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../../src/render/host-flow.js';
import { kernelTest } from './support/kernel-test.js';
import { hostflow, rowsOf, settledRows } from './support/listing.js';
import type { Host } from './support/network.js';
import { Running } from './support/over-time.js';
import {
  CLIENT,
  CLIENT6,
  converse,
  INSIDE,
  OUTSIDE,
  pair,
  routed,
  SERVER,
  SERVER6,
  type Exchange,
} from './support/topology.js';

/** Longer than a delayed acknowledgement, which would be the first packet after the flush. */
const LATE_ACKNOWLEDGEMENTS = 400;
/** Of the matrix: usual service ports, and those that only sockets tell from the client's. The kernel gives few as high. */
const FIRST_PORTS = { usual: 5063, ephemeral: 60_970 } as const;
const FIRST_PORT = FIRST_PORTS.usual;
const WORD = 1_000;
const ANSWER = 12_345;

/** One connection of the matrix. Each has a port of its own. */
interface Case {
  port: number;
  isIpv6: boolean;
  /** The listener's fate once it has accepted. */
  listener: 'open' | 'closed' | 'opened later';
  /** The end that speaks first after the flush. */
  speaker: 'client' | 'server';
}

function casesFrom(firstPort: number): Case[] {
  return [false, true]
    .flatMap((isIpv6) =>
      (['open', 'closed', 'opened later'] as const).flatMap((listener) =>
        (['client', 'server'] as const).map((speaker) => ({ isIpv6, listener, speaker })),
      ),
    )
    .map((one, index) => ({ ...one, port: firstPort + index }));
}

async function open(client: Host, server: Host, { port, isIpv6, listener }: Case): Promise<number> {
  const address = isIpv6 ? SERVER6 : SERVER;
  await server.agent.call({ op: 'tcpListen', address, port });
  const connection = await converse(client, server, { address, port, request: WORD, response: WORD });
  if (listener !== 'open') await server.agent.call({ op: 'tcpUnlisten', port });
  if (listener === 'opened later') await server.agent.call({ op: 'tcpListen', address, port });
  return connection;
}

async function speak(client: Host, server: Host, { speaker }: Case, connection: number): Promise<void> {
  const [from, to] = speaker === 'client' ? [client, server] : [server, client];
  await from.agent.call({ op: 'tcpSend', connection, bytes: ANSWER });
  await to.agent.call({ op: 'tcpReceive', connection, bytes: WORD + ANSWER });
}

/** The hosts, and the connections between them. */
interface Matrix {
  client: Host;
  server: Host;
  cases: readonly Case[];
}

/** Every connection is one row of its own, the right way round, and nothing else is there. */
function assertRight(
  rows: readonly HostFlow[],
  { cases }: Matrix,
  host: 'client' | 'server',
  by: string,
): void {
  const shown = rows.map(({ direction, local, peer }) => [
    direction,
    `${local.addr} ${local.port}`,
    `${peer.addr} ${peer.port}`,
  ]);
  const expected = cases.map(({ isIpv6, port }) => {
    const [client, server] = isIpv6 ? [CLIENT6, SERVER6] : [CLIENT, SERVER];
    return host === 'client'
      ? ['active', `${client} many`, `${server} ${port}`]
      : ['passive', `${server} ${port}`, `${client} many`];
  });
  assert.deepEqual(shown.sort(), expected.sort(), `${host} by ${by}`);
}

/** Looks in several ways at what there is now. */
function lookAll(matrix: Matrix, ways: readonly string[]): void {
  for (const role of ['client', 'server'] as const) {
    const host = matrix[role];
    for (const way of ways) {
      const text = (): string =>
        host.do('conntrack', ['-L', '-f', 'ipv4']) + host.do('conntrack', ['-L', '-f', 'ipv6']);
      const finished =
        way === 'text'
          ? hostflow(host, ['-n', '--json', '--stdin'], text())
          : hostflow(host, ['-n', '--json', '--source', way]);
      assertRight(rowsOf(finished), matrix, role, way);
    }
  }
}

async function rowsMeasured(running: Running): Promise<HostFlow[]> {
  const { stderr, status } = await running.end();
  assert.equal(status, 0, stderr);
  return JSON.parse(stderr.slice(stderr.indexOf('['))) as HostFlow[];
}

async function rowsRecorded(running: Running): Promise<HostFlow[]> {
  const { stdout, stderr, status } = await running.end();
  assert.equal(status, 0, stderr);
  const rows = new Map<string, HostFlow>();
  for (const line of stdout.trim().split('\n')) {
    const row = JSON.parse(line) as HostFlow;
    rows.set(JSON.stringify([row.direction, row.local, row.peer]), row);
  }
  return [...rows.values()];
}

/** What runs on both hosts all the time. */
interface Account {
  role: 'client' | 'server';
  by: string;
  running: Running;
  rows: (running: Running) => Promise<HostFlow[]>;
}

async function startAll(
  { client, server }: Matrix,
  by: string,
  start: (host: Host) => Promise<Running>,
): Promise<Account[]> {
  const rows = by === 'watch' ? rowsRecorded : rowsMeasured;
  return [
    { role: 'client', by, rows, running: await start(client) },
    { role: 'server', by, rows, running: await start(server) },
  ];
}

async function closeAll({ client, server }: Matrix, connections: readonly number[]): Promise<void> {
  for (const connection of connections) {
    await client.agent.call({ op: 'tcpClose', connection });
    await server.agent.call({ op: 'tcpClose', connection });
  }
  await sleep(200);
}

for (const [ports, firstPort] of Object.entries(FIRST_PORTS)) {
  for (const pickedUp of [false, true]) {
    const how = pickedUp ? 'picked up in mid-stream' : 'seen from the SYN';
    kernelTest(`one answer about connections ${how}, to ${ports} ports`, async (network) => {
      const matrix = { ...pair(network), cases: casesFrom(firstPort) };
      const { client, server, cases } = matrix;
      client.track();
      server.track();
      const accounts = [
        ...(await startAll(matrix, 'measure', (host) => Running.measure(host))),
        ...(await startAll(matrix, 'measure by sockets', (host) =>
          Running.measure(host, ['--source', 'sockets']),
        )),
      ];
      const connections: number[] = [];
      for (const one of cases) connections.push(await open(client, server, one));
      if (pickedUp) {
        await sleep(LATE_ACKNOWLEDGEMENTS);
        for (const host of [client, server]) host.do('conntrack', ['-F']);
      }
      for (const [index, one] of cases.entries()) await speak(client, server, one, connections[index] ?? 0);
      const watch = (host: Host): Promise<Running> => Running.watch(host, ['--interval', '200ms']);
      accounts.push(...(await startAll(matrix, 'watch', watch)));
      lookAll(matrix, ['auto', 'netlink', 'procfs', 'text', 'sockets']);
      // Once the sockets are gone, only the ports tell, and files do not even tell what conntrack has seen.
      if (!pickedUp || ports === 'usual') {
        await closeAll(matrix, connections);
        lookAll(matrix, pickedUp ? ['netlink'] : ['auto', 'netlink', 'procfs', 'text']);
      }
      for (const { role, by, running, rows } of accounts) assertRight(await rows(running), matrix, role, by);
    });
  }
}

kernelTest('a server that has closed its listener, to the byte', async (network) => {
  const { client, server } = pair(network);
  server.track();
  const measured = await Running.measure(server, ['--source', 'sockets']);
  const what: Exchange = { address: SERVER, port: FIRST_PORT, request: 0, response: 0 };
  await server.agent.call({ op: 'tcpListen', address: SERVER, port: FIRST_PORT });
  const connection = await client.agent.call({ op: 'tcpConnect', address: what.address, port: what.port });
  await server.agent.call({ op: 'tcpUnlisten', port: FIRST_PORT });
  await server.agent.call({ op: 'tcpSend', connection, bytes: ANSWER });
  await client.agent.call({ op: 'tcpReceive', connection, bytes: ANSWER });
  await sleep(LATE_ACKNOWLEDGEMENTS);
  for (const rows of [
    rowsOf(hostflow(server, ['-n', '--json', '--source', 'sockets'])),
    await rowsMeasured(measured),
  ]) {
    assert.deepEqual(
      rows.map(({ direction, local, peer, stat }) => [
        direction,
        local.port,
        peer.port,
        stat?.total_outbound_bytes,
      ]),
      [['passive', String(FIRST_PORT), 'many', ANSWER]],
    );
  }
});

kernelTest(
  'forwarded TCP picked up in mid-stream has the lower port as its service, with a notice',
  async (network) => {
    const { outside, router, inside } = routed(network);
    router.trackForwarded();
    router.sysctl('net/netfilter/nf_conntrack_acct', '1');
    const what = { address: OUTSIDE, port: 443, request: 100, response: 100 };
    await outside.agent.call({ op: 'tcpListen', address: OUTSIDE, port: 443 });
    const connections = [await converse(inside, outside, what), await converse(inside, outside, what)];
    await sleep(LATE_ACKNOWLEDGEMENTS);
    router.do('conntrack', ['-F']);
    for (const connection of connections) {
      await outside.agent.call({ op: 'tcpSend', connection, bytes: ANSWER });
      await inside.agent.call({ op: 'tcpReceive', connection, bytes: ANSWER + 100 });
    }
    const finished = hostflow(router, ['-n', '--json']);
    assert.deepEqual(
      rowsOf(finished).map(({ direction, local, peer, connections: count }) => [
        direction,
        local,
        peer,
        count,
      ]),
      [['forwarded', { addr: INSIDE, port: 'many' }, { addr: OUTSIDE, port: '443' }, 2]],
    );
    assert.match(finished.stderr, /met 2 connections in mid-stream, .* the end with the lower port/);
  },
);

kernelTest('a UDP server that speaks first after a flush is still the server', async (network) => {
  const { client, server } = pair(network);
  client.track();
  server.track();
  await server.agent.call({ op: 'udpEcho', address: '0.0.0.0', port: 5005 });
  const clients: number[] = [];
  for (let each = 0; each < 3; each++) {
    clients.push(
      await client.agent.call({ op: 'udpExchange', address: SERVER, port: 5005, bytes: 100, count: 1 }),
    );
  }
  for (const host of [client, server]) host.do('conntrack', ['-F']);
  for (const port of clients)
    await server.agent.call({ op: 'udpSpeak', from: 5005, address: CLIENT, port, bytes: 500 });
  const atServer = await settledRows(server);
  assert.deepEqual(
    atServer.rows.map(({ direction, local, peer, connections }) => [
      direction,
      local.port,
      peer.port,
      connections,
    ]),
    [['passive', '5005', 'many', 3]],
  );
  const atClient = await settledRows(client);
  assert.deepEqual(
    atClient.rows.map(({ direction, local, peer, connections }) => [
      direction,
      local.port,
      peer.port,
      connections,
    ]),
    [['active', 'many', '5005', 3]],
  );
});
