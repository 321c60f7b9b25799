import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { parseConntrackLine, parseSocketLine, type SocketEntry } from '../../parsers/index.js';
import { CONNTRACK_GROUP, CONNTRACK_MESSAGE, dumpConntrack } from '../../src/netlink/conntrack/dump.js';
import { conntrackEntryOf } from '../../src/netlink/conntrack/entry.js';
import { ConntrackRecord } from '../../src/netlink/conntrack/record.js';
import { NetlinkError } from '../../src/netlink/errors.js';
import { followEvents } from '../../src/netlink/follow.js';
import { SOCK_DIAG_GROUP } from '../../src/netlink/inet-diag/dump.js';
import { DiagRecord } from '../../src/netlink/inet-diag/record.js';
import type { DiagSocket } from '../../src/netlink/inet-diag/socket.js';
import { NETLINK_PROTOCOL, openNetlink } from '../../src/netlink/socket.js';
import { comparable, entriesOf, inOrder, socketsOf, withSocket } from '../netlink/readings.js';
import { variedTraffic } from '../netlink/varied-traffic.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { atRest } from './support/table.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, converse, exchange, pair } from './support/topology.js';

const NOBODY = 65534;

function named(host: Host): { name: string } {
  return { name: host.namespace };
}

/** Lines of a file that has no blank ones but at its end. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

kernelTest('ctnetlink: every entry as /proc/net/nf_conntrack has it', async (network) => {
  const { client, server } = pair(network);
  await variedTraffic(client, server);
  let table = client.table();
  let entries: ConntrackEntry[] = [];
  for (let tries = 0; tries < 20; tries++) {
    table = client.table();
    entries = await entriesOf(named(client));
    if (atRest(table) === atRest(client.table())) break;
    await sleep(100);
  }
  const expected = linesOf(table).map((line) => parseConntrackLine(line));
  assert.ok(expected.length > 35, `only ${expected.length} entries`);
  assert.deepEqual(inOrder(entries.map(comparable)), inOrder(expected.map(comparable)));

  const byTuple = new Map(
    expected.map((entry) => [JSON.stringify([entry.original, entry.zone ?? 0]), entry]),
  );
  for (const entry of entries) {
    const line = byTuple.get(JSON.stringify([entry.original, entry.zone ?? 0]));
    assert.ok(Math.abs(Number(entry.timeoutSeconds) - Number(line?.timeoutSeconds)) <= 2);
    assert.ok(Math.abs(Number(entry.deltaTimeSeconds ?? 0) - Number(line?.deltaTimeSeconds ?? 0)) <= 1);
    assert.equal(entry.use, 1);
  }
  assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
  assert.deepEqual(
    entries.flatMap(({ helper }) => helper ?? []),
    ['ftp'],
  );
  const labelled = entries.filter(({ labels }) => labels !== undefined);
  assert.equal(labelled.length, 2);
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

/** What both have, in the terms of /proc. */
function columns(row: SocketEntry | DiagSocket): Record<string, unknown> {
  const {
    family,
    local,
    remote,
    stateNumber,
    state,
    txQueue,
    rxQueue,
    timer,
    retransmits,
    uid,
    timeout,
    inode,
  } = row;
  return {
    family,
    local,
    remote,
    stateNumber,
    state,
    txQueue,
    rxQueue,
    timer,
    retransmits,
    uid,
    timeout,
    inode,
  };
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
    for (const [file, family, protocol] of [
      ['tcp', 'ipv4', 'tcp'],
      ['tcp6', 'ipv6', 'tcp'],
      ['udp', 'ipv4', 'udp'],
      ['udp6', 'ipv6', 'udp'],
    ] as const) {
      const read = (): SocketEntry[] =>
        linesOf(host.do('cat', [`/proc/net/${file}`]))
          .slice(1)
          .map((line) => parseSocketLine(line));
      let rows = read();
      let sockets: DiagSocket[] = [];
      for (let tries = 0; tries < 20; tries++) {
        rows = read();
        sockets = await socketsOf(named(host), { family, protocol });
        if (JSON.stringify(inOrder(rows.map(columns))) === JSON.stringify(inOrder(read().map(columns))))
          break;
      }
      assert.ok(rows.length > 0, `${host.namespace} has no ${file}`);
      assert.deepEqual(
        inOrder(sockets.map(columns)),
        inOrder(rows.map(columns)),
        `${file} of ${host.namespace}`,
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

/** Does something as a user without privileges. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

kernelTest('without privileges: sockets yes, conntrack and other namespaces no', async (network) => {
  const { client } = pair(network);
  const own = { pid: process.pid };
  await asNobody(async () => {
    const sockets = await socketsOf(own, { family: 'ipv4', protocol: 'tcp' });
    assert.ok(Array.isArray(sockets));
    await assert.rejects(entriesOf(own), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'not-permitted');
      assert.match(error.message, /^conntrack table: operation not permitted \(EPERM\)/);
      return true;
    });
    await assert.rejects(entriesOf(named(client)), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'not-permitted');
      assert.match(error.message, /needs root or CAP_SYS_ADMIN/);
      return true;
    });
  });
});

kernelTest('namespaces: by name and by process, and this one is left as it was', async (network) => {
  const { client } = pair(network);
  await client.agent.call({ op: 'tcpListen', address: CLIENT, port: 8080 });
  await client.agent.call({ op: 'tcpListen', address: CLIENT6, port: 8081 });
  const own = await socketsOf({ pid: process.pid }, { family: 'ipv4', protocol: 'tcp' });
  for (const namespace of [named(client), { pid: client.agent.pid }]) {
    const sockets = await socketsOf(namespace, { family: 'ipv4', protocol: 'tcp' });
    assert.deepEqual(
      sockets.map(({ local, state }) => [local.address, local.port, state]),
      [[CLIENT, 8080, 'LISTEN']],
    );
  }
  assert.ok(!own.some(({ local }) => local.address === CLIENT));
  for (const [namespace, message] of [
    [
      { name: 'no-such-name' },
      /^network namespace "no-such-name": no such file: \/var\/run\/netns\/no-such-name$/,
    ],
    [{ name: '../mnt' }, /no namespace can have this name/],
    [{ pid: 999_999_999 }, /^network namespace of process 999999999: no such process$/],
  ] as const) {
    await assert.rejects(entriesOf(namespace), (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'no-such-namespace');
      assert.match(error.message, message);
      return true;
    });
  }
});

kernelTest('events: entries and sockets that end are told, and closing ends the wait', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const flows = await openNetlink({
    protocol: NETLINK_PROTOCOL.netfilter,
    namespace: named(client),
    groups: [CONNTRACK_GROUP.new, CONNTRACK_GROUP.destroy],
  });
  const ended = await openNetlink({
    protocol: NETLINK_PROTOCOL.sockDiag,
    namespace: named(client),
    groups: [SOCK_DIAG_GROUP.ipv4TcpDestroy],
  });
  const told: string[] = [];
  const record = new ConntrackRecord();
  const diag = new DiagRecord();
  const following = [
    followEvents(flows, {
      message(view, { type, bodyAt, end }) {
        record.read(view, bodyAt, end);
        const entry = conntrackEntryOf(record, { nowMilliseconds: Date.now() });
        const bytes = entry.originalCounters === undefined ? 'without' : 'with';
        told.push(
          `${type === CONNTRACK_MESSAGE.new ? 'new' : 'destroy'} ${entry.protocol} ${bytes} counters`,
        );
      },
      overrun: () => told.push('overrun'),
    }),
    followEvents(ended, {
      message(view, { bodyAt, end }) {
        diag.read(view, bodyAt, end);
        told.push(`ended ${diag.destinationPort}`);
      },
      overrun: () => told.push('overrun'),
    }),
  ];
  const connection = await exchange(client, server, { address: SERVER, port: 80, request: 9, response: 9 });
  for (const host of [client, server]) await host.agent.call({ op: 'tcpClose', connection });
  await sleep(300);
  client.do('conntrack', ['-F']);
  for (let tries = 0; tries < 50 && told.length < 3; tries++) await sleep(20);
  await Promise.all([flows.close(), ended.close()]);
  await Promise.all(following);
  assert.deepEqual(told.sort(), ['destroy tcp with counters', 'ended 80', 'new tcp without counters']);
  assert.throws(() => flows.nextSequence() && flows.send(new Uint8Array(16)), { code: 'closed' });
});

kernelTest('events: a socket that is not read in time says that it lost some', async (network) => {
  const { client } = pair(network);
  const socket = await openNetlink({
    protocol: NETLINK_PROTOCOL.netfilter,
    namespace: named(client),
    groups: [CONNTRACK_GROUP.new],
    receiveBufferBytes: 4096,
  });
  const lines = Array.from(
    { length: 500 },
    (_, port) => `-A -t 100 -s 10.0.0.1 -d 10.0.0.2 -p udp --sport ${port + 1} --dport 53`,
  );
  client.do('conntrack', ['-R', '-'], `${lines.join('\n')}\n`);
  let events = 0;
  let overruns = 0;
  const following = followEvents(socket, { message: () => events++, overrun: () => overruns++ });
  await sleep(200);
  await socket.close();
  await following;
  assert.ok(events > 0 && events < 500, `${events} events`);
  assert.equal(overruns, 1);
});

/** Has a process in the host open flows of one datagram, each of which expires after a second. */
async function whileFlowsComeAndGo<T>(host: Host, body: () => Promise<T>): Promise<T> {
  host.sysctl('net/netfilter/nf_conntrack_udp_timeout', '1');
  const program = `
    const socket = require('node:dgram').createSocket('udp4');
    let sent = 0;
    setInterval(() => {
      for (let i = 0; i < 40; i++, sent++) {
        socket.send('x', 1 + (sent % 60000), '127.0.' + ((sent / 60000) & 255) + '.1', () => undefined);
      }
    }, 10);`;
  const child = spawn('ip', ['netns', 'exec', host.namespace, process.execPath, '-e', program], {
    stdio: 'ignore',
  });
  try {
    await sleep(1500);
    return await body();
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

kernelTest('ctnetlink: dumps under churn end, repeat nothing, and miss no quiet entry', async (network) => {
  const quiet = 20_000;
  const { client } = pair(network);
  const lines = Array.from(
    { length: quiet },
    (_, index) =>
      `-A -t 900 -s 10.1.${index >> 8}.${index & 255} -d 10.2.0.1 -p tcp --sport 1024 --dport 80 --state ESTABLISHED`,
  );
  client.do('conntrack', ['-R', '-'], `${lines.join('\n')}\n`);
  client.track();
  await whileFlowsComeAndGo(client, async () => {
    for (let dumps = 0; dumps < 5; dumps++) {
      const seen = new Set<string>();
      let known = 0;
      const result = await withSocket('netfilter', named(client), (socket) =>
        dumpConntrack(socket, {
          restart() {
            seen.clear();
            known = 0;
          },
          entry(record) {
            const { id, original, view } = record;
            if (original.destinationPort === 80) known++;
            seen.add(
              `${id} ${view.getUint32(original.sourceAt)} ${original.sourcePort} ${original.destinationPort}`,
            );
          },
        }),
      );
      assert.equal(known, quiet);
      assert.equal(seen.size, result.entries);
      assert.ok(result.entries > quiet + 500, `only ${result.entries - quiet} entries came and went`);
    }
  });
});
