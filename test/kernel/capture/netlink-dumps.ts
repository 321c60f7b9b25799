/**
 * Makes fixtures/netlink/ anew on the running kernel: the datagrams of real dumps, and the text of /proc at the same time.
 * Run as root: `npm run build && node dist/test/kernel/capture/netlink-dumps.js`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CTA } from '../../../src/kernel/netlink/conntrack/ctnetlink-constants.js';
import { CONNTRACK_MESSAGE } from '../../../src/kernel/netlink/conntrack/dump-entries.js';
import { DumpReader } from '../../../src/kernel/netlink/message/dump-reader.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../src/kernel/netlink/inet-diag/dump-sockets.js';
import { encodeMessage, MESSAGE_FLAG } from '../../../src/kernel/netlink/message/message.js';
import type { NetlinkSocket } from '../../../src/kernel/netlink/socket/netlink-socket.js';
import { Network, type Host } from '../support/network.js';
import { CLIENT, converse, pair } from '../support/topology.js';
import { encodeAttributes } from '../../support/netlink/encode-attributes.js';
import { withSocket } from '../../support/netlink/namespace-tables.js';
import { variedTraffic } from '../support/varied-traffic.js';

const DIRECTORY = 'fixtures/netlink/linux-6.18';
const SEQUENCE = 1;

function save(name: string, content: string | Uint8Array): void {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(`${DIRECTORY}/${name}`, content);
}

/** All that the kernel answers to a request, datagram after datagram. */
async function answer(socket: NetlinkSocket, request: Uint8Array): Promise<Uint8Array> {
  const datagrams: Uint8Array[] = [];
  const reader = new DumpReader(SEQUENCE, 'capture', () => undefined);
  await socket.send(request);
  const batch = socket.newBatch();
  while (reader.state === 'running') {
    await socket.wait(1000);
    socket.receive(batch, (view, start, end) => {
      datagrams.push(new Uint8Array(view.buffer.slice(start, end) as ArrayBuffer));
      try {
        reader.push(view, start, end);
      } catch {
        reader.state = 'complete';
      }
    });
  }
  return Buffer.concat(datagrams);
}

async function conntrack(host: Host): Promise<void> {
  const namespace = { name: host.namespace };
  const dump = encodeMessage({
    type: CONNTRACK_MESSAGE.get,
    flags: MESSAGE_FLAG.request | MESSAGE_FLAG.dump,
    sequence: SEQUENCE,
    body: new Uint8Array(4),
  });
  save('conntrack.bin', await withSocket('netfilter', namespace, (socket) => answer(socket, dump)));
  save('nf_conntrack', host.table());
  // The mark has one byte. The kernel answers with an error and an explanation in words.
  const wrong = encodeMessage({
    type: CONNTRACK_MESSAGE.get,
    flags: MESSAGE_FLAG.request,
    sequence: SEQUENCE,
    body: Buffer.concat([
      new Uint8Array(4),
      encodeAttributes([{ type: CTA.mark, payload: new Uint8Array(1) }]),
    ]),
  });
  save('error.bin', await withSocket('netfilter', namespace, (socket) => answer(socket, wrong)));
}

async function sockets(host: Host): Promise<void> {
  const tables = [
    ['tcp', 2, 6],
    ['tcp6', 10, 6],
    ['udp', 2, 17],
    ['udp6', 10, 17],
  ] as const;
  for (const [name, family, protocol] of tables) {
    const body = new Uint8Array(56);
    // Every attribute that idiag_ext can ask for, and all states.
    body.set([family, protocol, 0xff, 0, 0xff, 0x1f]);
    const flags = MESSAGE_FLAG.request | MESSAGE_FLAG.dump;
    const request = encodeMessage({ type: SOCK_DIAG_BY_FAMILY, flags, sequence: SEQUENCE, body });
    const bytes = await withSocket('sockDiag', { name: host.namespace }, (socket) => answer(socket, request));
    save(`${name}.bin`, bytes);
    save(name, host.do('cat', [`/proc/net/${name}`]));
  }
}

const network = new Network();
try {
  const { client, server } = pair(network);
  await variedTraffic(client, server);
  await client.agent.call({ op: 'tcpListen', address: '::', port: 80 });
  await converse(server, client, { address: CLIENT, port: 80, request: 700, response: 7_000 });
  await sleep(500);
  await conntrack(client);
  await sockets(client);
} finally {
  await network.remove();
}
