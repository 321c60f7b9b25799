import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConntrackLine, type ConntrackEntry } from 'hostflow/parsers';
import { FlowResolver } from '../../src/sources/flow-resolver.js';
import { PollingAccount } from '../../src/sources/text/polling-account.js';
import { KnownHost } from '../../src/sources/known-host.js';
import { fixedAddresses } from '../support/fixed-addresses.js';
import { listeningSockets } from '../support/listening-sockets.js';
import type { SocketSource } from '../../src/sources/traffic-source.js';
import { resolveSnapshotOptions } from '../../src/library/options.js';
import { MalformedLines } from '../../src/sources/text/malformed-lines.js';

const OPTIONS = resolveSnapshotOptions({});

/** A resolver for the host 10.0.1.9. */
async function resolverFor(sockets: SocketSource[]): Promise<FlowResolver> {
  const addresses = [fixedAddresses('10.0.1.9')];
  return await FlowResolver.open(await KnownHost.open(OPTIONS, { given: undefined, addresses, sockets }));
}

/** An entry of a connection to 10.0.1.10:80 that has sent so many bytes. */
function entry(port: number, bytes: number, zone = '', peerPort = 80): ConntrackEntry {
  return parseConntrackLine(
    `ipv4     2 tcp      6 100 ESTABLISHED src=10.0.1.9 dst=10.0.1.10 sport=${port} dport=${peerPort} packets=${bytes} bytes=${bytes} ` +
      `src=10.0.1.10 dst=10.0.1.9 sport=${peerPort} dport=${port} packets=1 bytes=1 [ASSURED] mark=0 ${zone}use=1`,
  );
}

/** Opens an account of a table, hands it the looks one after another, and gives the bytes sent since the start after each. */
async function totals(base: ConntrackEntry[], ...looks: ConntrackEntry[][]): Promise<unknown[]> {
  let table = base;
  const read = ({ entry: take }: { entry: (entry: ConntrackEntry) => void }): Promise<MalformedLines> => {
    for (const each of table) take(each);
    return Promise.resolve(new MalformedLines('table', false));
  };
  const resolver = await resolverFor([]);
  const { account } = await PollingAccount.open(read, resolver);
  const sums: unknown[] = [];
  let sent = 0;
  try {
    for (table of looks) {
      const { rows, losses } = await account.interval();
      assert.ok(losses.missesShortConnections);
      sums.push(
        (sent += rows.reduce((sum, { delta }) => sum + Number(delta?.outbound.bytes), 0)),
        losses.endedUnseen,
      );
    }
  } finally {
    await account.close();
  }
  return sums;
}

test('the gain of entries counts, their bytes at the start do not', async () => {
  assert.deepEqual(await totals([entry(1, 100)], [entry(1, 100)], [entry(1, 160)]), [0, 0, 60, 0]);
});

test('an entry that was not there at the start counts in full, and keeps counting when it is gone', async () => {
  assert.deepEqual(await totals([], [entry(1, 100)], [], []), [100, 0, 100, 1, 100, 1]);
});

test('a counter that has fallen is of another entry, of the same ends', async () => {
  assert.deepEqual(await totals([entry(1, 100)], [entry(1, 150)], [entry(1, 30)]), [50, 0, 80, 1]);
});

test('the same tuples in two zones are two entries', async () => {
  const base = [entry(1, 100, 'zone=1 '), entry(1, 900, 'zone=2 ')];
  assert.deepEqual(await totals(base, [entry(1, 901, 'zone=2 '), entry(1, 110, 'zone=1 ')]), [11, 0]);
});

test('a look that fails is reported, when the account is opened and later', async () => {
  const resolver = await resolverFor([]);
  let isThere = true;
  const read = (): Promise<MalformedLines> =>
    isThere ? Promise.resolve(new MalformedLines('table', false)) : Promise.reject(new Error('gone'));
  const { account } = await PollingAccount.open(read, resolver);
  isThere = false;
  await assert.rejects(account.interval(), /gone/);
  await account.close();
  await assert.rejects(PollingAccount.open(read, resolver), /gone/);
});

test('a new connection is directed by the listeners that are there when it turns up, not by those of the start', async () => {
  const listening = new Set<number>();
  let table: ConntrackEntry[] = [];
  const read = ({ entry: take }: { entry: (entry: ConntrackEntry) => void }): Promise<MalformedLines> => {
    for (const each of table) take(each);
    return Promise.resolve(new MalformedLines('table', false));
  };
  const { account } = await PollingAccount.open(read, await resolverFor([listeningSockets(listening)]));
  try {
    // Conntrack met it in mid-stream, and has this host's answer for the first packet: the listener knows better.
    listening.add(8080);
    table = [entry(8080, 100, '', 40000)];
    const { rows } = await account.interval();
    assert.deepEqual(
      rows.map(({ key }) => [key.direction, key.local.port, key.peer.port]),
      [['passive', '8080', 'many']],
    );
  } finally {
    await account.close();
  }
});
