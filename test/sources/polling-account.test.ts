import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConntrackLine, type ConntrackEntry } from 'hostflow/parsers';
import { FlowResolver } from '../../src/sources/flow-resolver.js';
import { PollingAccount } from '../../src/sources/polling-account.js';
import { AddressSet } from '../../src/model/address-set.js';
import { MalformedLines } from '../../src/sources/malformed-lines.js';

/** An entry of a connection to 10.0.1.10:80 that has sent so many bytes. */
function entry(port: number, bytes: number, zone = ''): ConntrackEntry {
  return parseConntrackLine(
    `ipv4     2 tcp      6 100 ESTABLISHED src=10.0.1.9 dst=10.0.1.10 sport=${port} dport=80 packets=${bytes} bytes=${bytes} ` +
      `src=10.0.1.10 dst=10.0.1.9 sport=80 dport=${port} packets=1 bytes=1 [ASSURED] mark=0 ${zone}use=1`,
  );
}

/** Opens an account of a table, hands it the looks one after another, and gives the bytes sent since the start after each. */
async function totals(base: ConntrackEntry[], ...looks: ConntrackEntry[][]): Promise<unknown[]> {
  let table = base;
  const read = ({ entry: take }: { entry: (entry: ConntrackEntry) => void }): Promise<MalformedLines> => {
    for (const each of table) take(each);
    return Promise.resolve(new MalformedLines('table', false));
  };
  const resolver = new FlowResolver(new AddressSet(['10.0.1.9']), undefined);
  const { account } = await PollingAccount.open(read, resolver);
  const sums: unknown[] = [];
  try {
    for (table of looks) {
      const { flows, losses } = await account.interval();
      assert.ok(losses.missesShortConnections);
      sums.push(
        flows.reduce((sum, { total }) => sum + Number(total?.outbound.bytes), 0),
        losses.endedUnseen,
      );
    }
  } finally {
    await account.close();
  }
  return sums;
}

test('what entries gain counts, what they had at the start does not', async () => {
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

test('a look that fails is told, when the account is opened and later', async () => {
  const resolver = new FlowResolver(new AddressSet(['10.0.1.9']), undefined);
  let isThere = true;
  const read = (): Promise<MalformedLines> =>
    isThere ? Promise.resolve(new MalformedLines('table', false)) : Promise.reject(new Error('gone'));
  const { account } = await PollingAccount.open(read, resolver);
  isThere = false;
  await assert.rejects(account.interval(), /gone/);
  await account.close();
  await assert.rejects(PollingAccount.open(read, resolver), /gone/);
});
