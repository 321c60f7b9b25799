import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { parseConntrackLine, parseSocketLine, type SocketEntry } from '../../parsers/index.js';
import { countConntrack } from '../../src/kernel/netlink/conntrack/dump-entries.js';
import type { DiagSocket } from '../support/netlink/socket-of-record.js';
import {
  comparable,
  entriesOf,
  inOrder,
  socketsOf,
  withSocket,
} from '../support/netlink/namespace-tables.js';
import { variedTraffic } from './support/varied-traffic.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { atRest } from './support/table.js';
import { CLIENT, SERVER, SERVER6, converse, exchange, pair } from './support/topology.js';

function named(host: Host): { name: string } {
  return { name: host.namespace };
}

/** Lines of a file that has no blank ones but at its end. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** {@link atRest}, of a table whose entries have a `delta-time=`. */
function withoutAges(table: string): string {
  return atRest(table).replaceAll(/ delta-time=\d+/g, '');
}

kernelTest('ctnetlink: every entry as /proc/net/nf_conntrack has it', async (network) => {
  const { client, server } = pair(network);
  await variedTraffic(client, server);
  let table = client.table();
  let entries: ConntrackEntry[] = [];
  for (let tries = 0; tries < 20; tries++) {
    table = client.table();
    entries = await entriesOf(named(client));
    if (withoutAges(table) === withoutAges(client.table())) break;
    await sleep(100);
  }
  const expected = linesOf(table).map((line) => parseConntrackLine(line));
  assert.ok(expected.length > 28, `only ${expected.length} entries`);
  assert.deepEqual(inOrder(entries.map(comparable)), inOrder(expected.map(comparable)));

  const byTuple = new Map(
    expected.map((entry) => [JSON.stringify([entry.original, entry.zone ?? 0]), entry]),
  );
  for (const entry of entries) {
    const line = byTuple.get(JSON.stringify([entry.original, entry.zone ?? 0]));
    assert.ok(Math.abs(Number(entry.timeoutSeconds) - Number(line?.timeoutSeconds)) <= 2);
    assert.ok(Math.abs(Number(entry.deltaTimeSeconds ?? 0) - Number(line?.deltaTimeSeconds ?? 0)) <= 1);
    // The kernel holds the entry at which it resumes the dump.
    assert.ok(entry.use === 1 || entry.use === 2, `use=${entry.use}`);
  }
  assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
  assert.deepEqual(
    entries.flatMap(({ helper }) => helper ?? []),
    ['ftp'],
  );
  const labelled = entries.filter(({ labels }) => labels !== undefined);
  assert.equal(labelled.length, 2);
});

kernelTest('ctnetlink: the entries are counted, in this namespace only', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const count = (host: Host): Promise<number | undefined> =>
    withSocket('netfilter', named(host), countConntrack);
  assert.equal(await count(client), 0);
  assert.deepEqual(await entriesOf(named(client)), []);
  for (const port of [80, 81]) {
    await exchange(client, server, { address: SERVER, port, request: 1000, response: 5000 });
    assert.equal(await count(client), port - 79);
    assert.equal((await entriesOf(named(client))).length, port - 79);
  }
  assert.equal(await count(server), 0);
  // As a kernel that does not know the request: rtnetlink refuses it.
  assert.equal(await withSocket('route', named(client), countConntrack), undefined);
});

kernelTest('ctnetlink: a table at rest keeps its counters through dumps', async (network) => {
  const { client, server } = pair(network);
  client.track();
  await exchange(client, server, { address: SERVER, port: 80, request: 1000, response: 5000 });
  await sleep(300);
  const before = atRest(client.table());
  for (let dumps = 0; dumps < 3; dumps++) assert.equal((await entriesOf(named(client))).length, 1);
  assert.equal(atRest(client.table()), before);
});

function ends({ local, remote }: { local: object; remote: object }): string {
  return JSON.stringify([local, remote]);
}

/** The fields that both have, in the terms of /proc. */
const COLUMNS = [
  'family',
  'local',
  'remote',
  'stateNumber',
  'state',
  'txQueue',
  'rxQueue',
  'timer',
  'retransmits',
  'uid',
  'timeout',
  'inode',
] as const satisfies readonly (keyof SocketEntry & keyof DiagSocket)[];

function columns(row: SocketEntry | DiagSocket): Record<string, unknown> {
  return Object.fromEntries(COLUMNS.map((column) => [column, row[column]]));
}

kernelTest('sock_diag: the rows of /proc/net/{tcp,tcp6,udp,udp6}', async (network) => {
  const { client, server } = pair(network);
  client.track();
  for (const address of [SERVER, SERVER6]) {
    await exchange(client, server, { address, port: 80, request: 700, response: 7000 });
    const halfClosed = await converse(client, server, { address, port: 80, request: 7, response: 70 });
    await client.agent.call({ op: 'tcpClose', connection: halfClosed });
    const closed = await converse(client, server, { address, port: 80, request: 7, response: 70 });
    await client.agent.call({ op: 'tcpClose', connection: closed });
    await server.agent.call({ op: 'tcpClose', connection: closed });
    await server.agent.call({ op: 'udpEcho', address, port: 53 });
    await client.agent.call({ op: 'udpExchange', address, port: 53, bytes: 40, count: 2 });
  }
  await client.agent.call({ op: 'tcpListen', address: '::', port: 8080 });
  await converse(server, client, { address: CLIENT, port: 8080, request: 9, response: 900 });
  // Unanswered: it retransmits.
  void client.agent.call({ op: 'tcpConnect', address: '192.0.2.99', port: 80 }).catch(() => undefined);
  await sleep(400);

  for (const host of [client, server]) {
    for (const [files, table] of [
      [['tcp'], { family: 'ipv4', protocol: 'tcp' }],
      [['tcp6'], { family: 'ipv6', protocol: 'tcp' }],
      [['tcp', 'tcp6'], { family: 'both', protocol: 'tcp' }],
      [['udp'], { family: 'ipv4', protocol: 'udp' }],
      [['udp6'], { family: 'ipv6', protocol: 'udp' }],
    ] as const) {
      const read = (): SocketEntry[] =>
        files
          .flatMap((file) => linesOf(host.do('cat', [`/proc/net/${file}`])).slice(1))
          .map((line) => parseSocketLine(line));
      let rows = read();
      let sockets: DiagSocket[] = [];
      for (let tries = 0; tries < 20; tries++) {
        rows = read();
        sockets = await socketsOf(named(host), table);
        if (JSON.stringify(inOrder(rows.map(columns))) === JSON.stringify(inOrder(read().map(columns))))
          break;
      }
      assert.ok(rows.length > 0, `${host.namespace} has no ${files.join()}`);
      assert.deepEqual(
        inOrder(sockets.map(columns)),
        inOrder(rows.map(columns)),
        `${files.join()} of ${host.namespace}`,
      );
      const byEnds = new Map(rows.map((row) => [ends(row), row]));
      for (const socket of sockets) {
        const row = byEnds.get(ends(socket));
        const hasFigures = row?.kind === 'tcp' && row.state !== 'LISTEN';
        assert.equal(socket.traffic !== undefined, hasFigures, ends(socket));
        if (row?.kind === 'tcp' && socket.traffic !== undefined) {
          assert.equal(socket.traffic.congestionWindow, row.congestionWindow);
        }
        if (row?.kind === 'datagram') assert.equal(socket.drops, row.drops);
      }
      assert.equal(new Set(sockets.map(({ cookie }) => cookie)).size, sockets.length);
    }
  }
});

/** Payload sent and received by the socket of a connection, which goes by the initiator's port. */
async function payloadOf(host: Host, family: 'ipv4' | 'ipv6', port: number): Promise<unknown> {
  const sockets = await socketsOf(named(host), { family, protocol: 'tcp' });
  const found = sockets.filter(({ local, remote }) => local.port === port || remote.port === port);
  assert.equal(found.length, 1);
  return { state: found[0]?.state, ...found[0]?.traffic?.payload };
}

for (const [family, address] of [
  ['ipv4', SERVER],
  ['ipv6', SERVER6],
] as const) {
  kernelTest(
    `sock_diag: payload over ${family} is exact on both ends, open and half-closed`,
    async (network) => {
      const { client, server } = pair(network);
      await server.agent.call({ op: 'tcpListen', address, port: 80 });
      const idle = await client.agent.call({ op: 'tcpConnect', address, port: 80 });
      const up = await converse(client, server, { address, port: 80, request: 3_000_000, response: 1 });
      const down = await converse(client, server, { address, port: 80, request: 1, response: 3_000_000 });
      await sleep(300);
      for (const [port, sent, received] of [
        [idle, 0, 0],
        [up, 3_000_000, 1],
        [down, 1, 3_000_000],
      ] as const) {
        const atClient = await payloadOf(client, family, port);
        assert.deepEqual(atClient, { state: 'ESTABLISHED', sent, received });
        const atServer = await payloadOf(server, family, port);
        assert.deepEqual(atServer, { state: 'ESTABLISHED', sent: received, received: sent });
      }

      await client.agent.call({ op: 'tcpClose', connection: up });
      await server.agent.call({ op: 'tcpClose', connection: down });
      await sleep(300);
      // More in the direction that is still open.
      await server.agent.call({ op: 'tcpSend', connection: up, bytes: 999 });
      await client.agent.call({ op: 'tcpReceive', connection: up, bytes: 1000 });
      await sleep(300);
      assert.deepEqual(await payloadOf(client, family, up), {
        state: 'FIN_WAIT2',
        sent: 3_000_000,
        received: 1000,
      });
      assert.deepEqual(await payloadOf(server, family, up), {
        state: 'CLOSE_WAIT',
        sent: 1000,
        received: 3_000_000,
      });
      // The agent's clients close with the server: nothing of that connection is left but TIME_WAIT.
      const sockets = await socketsOf(named(server), { family, protocol: 'tcp' });
      const over = sockets.filter(({ remote }) => remote.port === down);
      assert.deepEqual(
        over.map(({ state, traffic }) => [state, traffic]),
        [['TIME_WAIT', undefined]],
      );
    },
  );
}
