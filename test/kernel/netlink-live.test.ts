import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CONNTRACK_GROUP,
  CONNTRACK_MESSAGE,
  dumpConntrack,
} from '../../src/kernel/netlink/conntrack/dump-entries.js';
import { TCP_BE_LIBERAL } from '../../src/kernel/netlink/conntrack/ctnetlink-constants.js';
import { conntrackEntryOf } from '../support/netlink/entry-of-record.js';
import { ConntrackRecord } from '../../src/kernel/netlink/conntrack/conntrack-record.js';
import { EventReader, type EventVisitor } from '../../src/kernel/netlink/event-reader.js';
import { SOCK_DIAG_GROUP } from '../../src/kernel/netlink/inet-diag/dump-sockets.js';
import { DiagRecord } from '../../src/kernel/netlink/inet-diag/diag-record.js';
import {
  NETLINK_PROTOCOL,
  openNetlink,
  type NetlinkSocket,
} from '../../src/kernel/netlink/socket/netlink-socket.js';
import { withSocket } from '../support/netlink/namespace-tables.js';
import { kernelTest } from './support/kernel-test.js';
import type { Host } from './support/network.js';
import { SERVER, exchange, pair } from './support/topology.js';

/** Hands out the events of a socket until it is closed. */
function followEvents(socket: NetlinkSocket, visitor: EventVisitor): Promise<void> {
  return new EventReader(socket, visitor).follow();
}

function named(host: Host): { name: string } {
  return { name: host.namespace };
}

kernelTest(
  'events: entries and sockets that end are reported, and closing ends the wait',
  async (network) => {
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
    await assert.rejects(flows.send(new Uint8Array(16)), { code: 'closed' });
  },
);

kernelTest('ctnetlink: the flags of TCP tell whether the SYN was seen', async (network) => {
  const { client, server } = pair(network);
  client.track();
  const record = new ConntrackRecord();
  const events = await openNetlink({
    protocol: NETLINK_PROTOCOL.netfilter,
    namespace: named(client),
    groups: [CONNTRACK_GROUP.new, CONNTRACK_GROUP.destroy],
  });
  const told: string[] = [];
  const following = followEvents(events, {
    message(view, { type, bodyAt, end }) {
      record.read(view, bodyAt, end);
      told.push(`${type === CONNTRACK_MESSAGE.new ? 'new' : 'destroy'} ${seen(record)}`);
    },
    overrun: () => told.push('overrun'),
  });
  const inTable = (): Promise<string[]> =>
    withSocket('netfilter', named(client), async (socket) => {
      const found: string[] = [];
      await dumpConntrack(socket, {
        restart: () => (found.length = 0),
        entry: (entry) => found.push(seen(entry)),
      });
      return found;
    });
  const connection = await exchange(client, server, { address: SERVER, port: 80, request: 9, response: 9 });
  await sleep(100);
  assert.deepEqual(await inTable(), ['its SYN']);
  client.do('conntrack', ['-F']);
  await client.agent.call({ op: 'tcpSend', connection, bytes: 9 });
  await server.agent.call({ op: 'tcpReceive', connection, bytes: 9 });
  await sleep(100);
  assert.deepEqual(await inTable(), ['liberal']);
  await events.close();
  await following;
  assert.deepEqual(told, ['new its SYN', 'destroy untold', 'new liberal']);
});

function seen({ tcpFlagsOriginal }: ConntrackRecord): string {
  if (tcpFlagsOriginal < 0) return 'untold';
  return (tcpFlagsOriginal & TCP_BE_LIBERAL) === 0 ? 'its SYN' : 'liberal';
}

/** Puts entries into the table, given as the arguments of `conntrack`, a line each. */
function insertAll(host: Host, lines: readonly string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'hostflow-'));
  try {
    const file = join(directory, 'entries');
    writeFileSync(file, `${lines.join('\n')}\n`);
    host.do('conntrack', ['-R', file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

kernelTest('events: a socket that is not read in time reports that it lost some', async (network) => {
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
  insertAll(client, lines);
  let events = 0;
  let overruns = 0;
  const following = followEvents(socket, {
    message: () => (events += 1),
    overrun: () => (overruns += 1),
  });
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
  insertAll(client, lines);
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
