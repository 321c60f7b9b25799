/** Real dumps, against what /proc showed at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConntrackLine, parseSocketLine } from '../../parsers/index.js';
import { NetlinkError } from '../../src/kernel/netlink/netlink-error.js';
import { ConntrackRecord } from '../../src/kernel/netlink/conntrack/conntrack-record.js';
import { DumpReader } from '../../src/kernel/netlink/message/dump-reader.js';
import {
  capture,
  captureLines,
  Decoder,
  SEQUENCE,
  skipCaptures,
} from '../support/netlink/capture-decoder.js';
import { comparable, inOrder } from '../support/netlink/namespace-tables.js';

test('conntrack.bin has the entries of nf_conntrack', { skip: skipCaptures }, () => {
  const { state, entries } = new Decoder().decode(capture('conntrack.bin'));
  const lines = captureLines('nf_conntrack').map((line) => parseConntrackLine(line));
  assert.equal(state, 'complete');
  assert.equal(entries.length, lines.length);
  assert.deepEqual(inOrder(entries.map(comparable)), inOrder(lines.map(comparable)));
  const protocols = new Set(entries.map(({ protocol }) => protocol));
  assert.deepEqual(
    [...protocols].sort(),
    ['gre', 'icmp', 'icmpv6', 'sctp', 'tcp', 'udp', 'udplite', 'unknown'].sort(),
  );
});

test('conntrack.bin: ids, helper, labels, ages', { skip: skipCaptures }, () => {
  const now = Date.UTC(2100, 0);
  const { entries } = new Decoder(now).decode(capture('conntrack.bin'));
  assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length);
  const withHelper = entries.filter(({ helper }) => helper !== undefined);
  assert.deepEqual(
    withHelper.map(({ helper, protocol }) => [helper, protocol]),
    [['ftp', 'tcp']],
  );
  // No names are given, so the bits show as labels without one.
  assert.equal(entries.filter(({ labels }) => labels?.length === 0).length, 2);
  const ages = entries.flatMap(({ deltaTimeSeconds }) => deltaTimeSeconds ?? []);
  assert.ok(ages.length > 20);
  const century = now / 1000;
  assert.ok(ages.every((age) => age > 0 && Number(age) < century));
});

test('conntrack.bin: the bits of labels', { skip: skipCaptures }, () => {
  const bytes = capture('conntrack.bin');
  const found: number[][] = [];
  const record = new ConntrackRecord();
  const reader = new DumpReader(SEQUENCE, 'test', (view, { bodyAt, end }) => {
    record.read(view, bodyAt, end);
    if (record.labelBits !== undefined) found.push(record.labelBits);
  });
  reader.push(new DataView(bytes.buffer), 0, bytes.length);
  assert.deepEqual(found, [
    [5, 127],
    [5, 127],
  ]);
});

test('conntrack.bin: the flags of TCP', { skip: skipCaptures }, () => {
  const bytes = capture('conntrack.bin');
  const [tcp, others] = [new Set<number>(), new Set<number>()];
  const record = new ConntrackRecord();
  const reader = new DumpReader(SEQUENCE, 'test', (view, { bodyAt, end }) => {
    record.read(view, bodyAt, end);
    (record.original.protocolNumber === 6 ? tcp : others).add(record.tcpFlagsOriginal);
  });
  reader.push(new DataView(bytes.buffer), 0, bytes.length);
  // Those put in by the command conntrack, and those seen from their SYN; some are closing.
  assert.deepEqual([...tcp].sort(), [0x0a, 0x0e, 0x23, 0x27]);
  assert.deepEqual([...others], [-1]);
});

for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
  test(`${table}.bin has the rows of /proc/net/${table}`, { skip: skipCaptures }, () => {
    const { state, sockets } = new Decoder().decode(capture(`${table}.bin`));
    const rows = captureLines(table)
      .slice(1)
      .map((line) => parseSocketLine(line));
    assert.equal(state, 'complete');
    assert.ok(rows.length > 0);
    // Fields that only one side has are left out, and timers, which run.
    const shared = [
      'family',
      'local',
      'remote',
      'stateNumber',
      'state',
      'txQueue',
      'rxQueue',
      'uid',
      'inode',
    ];
    const columns = (row: object): unknown[] => shared.map((key) => (row as Record<string, unknown>)[key]);
    assert.deepEqual(inOrder(sockets.map(columns)), inOrder(rows.map(columns)));
  });
}

test('error.bin: the error has the kernel’s own words', { skip: skipCaptures }, () => {
  assert.throws(
    () => new Decoder().decode(capture('error.bin')),
    (error) => {
      assert.ok(error instanceof NetlinkError);
      assert.equal(error.code, 'refused');
      assert.equal(error.errno, 'ERANGE');
      assert.equal(error.message, 'test: result too large (ERANGE): Attribute failed policy validation');
      return true;
    },
  );
});
