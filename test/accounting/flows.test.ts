import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Host, record, type EntryRecord } from './scripted-host.js';

test('packets that fall tell entries apart as well', () => {
  const host = new Host({ hasEvents: false });
  const packets = (count: number): EntryRecord => ({
    ...record('1'),
    counters: { original: { packets: count, bytes: 0 }, reply: { packets: 0, bytes: 0 } },
  });
  host.dump(packets(10));
  host.dump(packets(9));
  assert.equal(host.interval().rows[0]?.total?.outbound.packets, 9);
});

test('unknown counters are never zero, and never mix with known ones', () => {
  const host = new Host();
  host.dump(record('1'), record('2', 5));
  host.dump(record('1'), record('2', 6));
  assert.deepEqual(host.totals, { a: 1, 'a?': '-' });
  host.destroyed(record('1'));
  host.destroyed(record('3'));
  const { rows, losses } = host.interval();
  // Two connections without counters ended in the interval, and no byte moved on the other one.
  assert.deepEqual(
    rows.map(({ live, connections, total }) => [live, connections, total]),
    [[0, 2, null]],
  );
  assert.equal(losses.unknownConnections, 2);
  assert.equal(losses.endedUnseen, 0);
  // No entry gains counters: it is another.
  host.dump(record('2', 6), record('4'));
  host.dump(record('2', 6), record('4', 3));
  host.dump(record('2', 6), record('4', 3));
  assert.deepEqual(host.totals, { a: 4, 'a?': '-' });
  assert.equal(host.lossRecord.endedUnseen, 1);
});

test('polling: from dump to dump, with the flag', () => {
  const host = new Host({ hasEvents: false });
  host.dump(record('1', 100), record('2', 1));
  host.dump(record('1', 150), record('3', 30));
  host.dump(record('1', 10), record('2', 3));
  assert.deepEqual(host.totals, { a: 50 + 30 + 10 + 2 });
  assert.ok(!host.accounting.needsDump);
  assert.ok(host.interval().losses.missesShortConnections);
});

test('events alone: an empty base, then every DESTROY in full', () => {
  const host = new Host();
  host.dump();
  host.destroyed(record('1', 100));
  host.destroyed(record('1', 100));
  assert.deepEqual(host.totals, { a: 200 });
});

test('directions, exact numbers and deltas', () => {
  const host = new Host();
  host.dump(record('1', 2 ** 52, 'OUT'), record('2', 0, 'in'));
  host.dump(record('1', 2n ** 63n, 'OUT'), record('2', 1000, 'in'));
  const [first, second] = host.interval().rows;
  assert.equal(first?.key.protocol, 'OUT');
  assert.equal(first.total?.inbound.bytes, 2n ** 63n - 2n ** 52n);
  assert.deepEqual(second?.total, {
    inbound: { packets: 0, bytes: 10 },
    outbound: { packets: 0, bytes: 1000 },
  });
  host.destroyed(record('2', 1001, 'in'));
  const rows = host.interval().rows;
  // The other flow did not change, so it has no row.
  assert.deepEqual(
    rows.map(({ key, delta, connections, live }) => [key.protocol, delta?.outbound.bytes, connections, live]),
    [['in', 1, 1, 0]],
  );
  assert.equal(second.total.outbound.bytes, 1000);
  assert.equal(rows[0]?.total?.outbound.bytes, 1001);
});

test('connections are those that carried part of the interval, live ones those that are open', () => {
  const host = new Host();
  const idle = Array.from({ length: 20 }, (_, index) => record(`idle ${index}`, 5));
  host.dump(record('busy', 10), ...idle);
  assert.deepEqual(
    host.interval().rows.map(({ connections, live }) => [connections, live]),
    [[0, 21]],
  );
  host.dump(record('busy', 11), ...idle);
  host.dump(record('busy', 12), ...idle);
  // Grown twice in one interval, it is still one connection.
  const [grown] = host.interval().rows;
  assert.deepEqual([grown?.connections, grown?.live, grown?.delta?.outbound.bytes], [1, 21, 2]);
  host.destroyed(record('short', 7));
  host.destroyed(record('busy', 13));
  const [ended] = host.interval().rows;
  assert.deepEqual([ended?.connections, ended?.live, ended?.delta?.outbound.bytes], [2, 20, 8]);
});

test('an entry in TIME_WAIT is not an open connection, and its last bytes still count', () => {
  const host = new Host();
  host.dump(record('1', 10));
  void host.interval();
  host.begin();
  host.accounting.dumped('1', 'a', record('1', 12).counters, false);
  host.end();
  host.accounting.eventsProcessed();
  const [row] = host.interval().rows;
  assert.deepEqual([row?.connections, row?.live, row?.delta?.outbound.bytes], [1, 0, 2]);
  host.destroyed(record('1', 12));
  assert.deepEqual(
    host.interval().rows.map(({ connections, live }) => [connections, live]),
    [[0, 0]],
  );
});

test('the resolver is asked once for each entry', () => {
  const host = new Host();
  host.dump(record('1', 1), record('2', 1, 'b'));
  host.dump(record('1', 2), record('2', 1, 'b'));
  host.destroyed(record('1', 2));
  host.destroyed(record('3', 2, 'c'));
  assert.deepEqual(host.resolved, ['a', 'b', 'c']);
});

/** Lets a minute pass for a host. */
const MINUTE = 60_000;

test('an interval has the rows that changed in it, and flows without entries are forgotten after a minute', () => {
  const host = new Host();
  host.dump(record('1', 1, 'live'), record('2', 1, 'unseen'));
  host.destroyed(record('3', 2, 'gone'));
  host.dump(record('1', 1, 'live'));
  assert.equal(host.interval().rows.length, 3);
  assert.deepEqual(host.interval(MINUTE - 1).rows, []);
  assert.equal(host.accounting.trackedFlows, 3);
  assert.deepEqual(host.interval().rows, []);
  // The one that ended unseen may still be heard of.
  assert.equal(host.accounting.trackedFlows, 2);
  for (let i = 0; i < 4; i++) host.dump(record('1', 1, 'live'));
  void host.interval(MINUTE);
  assert.equal(host.accounting.trackedFlows, 1);
  assert.equal(host.flows.size, 1);
  // It still counts after however long a time.
  host.dump(record('1', 8, 'live'));
  assert.deepEqual(
    host.interval(100 * MINUTE).rows.map(({ total }) => total?.outbound.bytes),
    [7],
  );
});

test('a flow that returns after it was forgotten starts its total again, and its deltas add up', () => {
  const host = new Host();
  host.dump();
  host.destroyed(record('1', 100));
  assert.equal(host.interval().rows[0]?.total?.outbound.bytes, 100);
  void host.interval(MINUTE);
  assert.equal(host.accounting.trackedFlows, 0);
  host.destroyed(record('2', 5));
  const [row] = host.interval().rows;
  assert.deepEqual([row?.delta?.outbound.bytes, row?.total?.outbound.bytes], [5, 5]);
});

test('flows whose late entries turned up are forgotten as well', () => {
  const host = new Host();
  host.dump(record('1', 1), record('2', 1, 'b'), record('3', 1, 'c'));
  host.dump();
  host.destroyed(record('1', 2));
  host.dump(record('2', 1, 'b'), record('3', 0, 'c'));
  host.destroyed(record('2', 1, 'b'));
  host.destroyed(record('3', 0, 'c'));
  for (let i = 0; i < 5; i++) host.dump();
  for (let i = 0; i < 3; i++) host.interval(MINUTE);
  assert.equal(host.accounting.trackedFlows, 0);
});

test('an identity that vanishes twice holds its flows no longer than others', () => {
  const host = new Host();
  host.dump(record('1', 100));
  host.dump();
  host.dump(record('1', 50, 'b'));
  for (let i = 0; i < 5; i++) host.dump();
  for (let i = 0; i < 3; i++) host.interval(MINUTE);
  assert.equal(host.accounting.trackedFlows, 0);
});

test('400,000 peers that came and went leave no row in the next idle interval, and nothing held after a minute', () => {
  const host = new Host();
  host.dump();
  const peers = 400_000;
  for (let peer = 0; peer < peers; peer++) host.destroyed(record(`${peer}`, 10, `peer ${peer}`));
  const { rows } = host.interval();
  assert.equal(rows.length, peers);
  assert.equal(
    rows.reduce((sum, { delta }) => sum + Number(delta?.outbound.bytes), 0),
    10 * peers,
  );
  assert.deepEqual(host.interval().rows, []);
  assert.deepEqual(host.interval(MINUTE).rows, []);
  assert.equal(host.accounting.trackedFlows, 0);
  assert.equal(host.flows.size, 0);
});

test('the memory of vanished entries is bounded, however long events are lost', () => {
  const host = new Host();
  host.dump();
  const batch = 50_000;
  for (let round = 0; round < 4; round++) {
    host.begin();
    host.accounting.eventsLost();
    for (let i = 0; i < batch; i++) host.dumped(record(`${round}/${i}`, 10));
    host.end();
    host.accounting.eventsProcessed();
  }
  host.begin();
  host.accounting.eventsLost();
  host.end();
  host.accounting.eventsProcessed();
  const before = Number(host.totals['a']);
  // Remembered, and so not counted again; forgotten, and so taken for a new one.
  host.destroyed(record(`3/${batch - 1}`, 10));
  assert.equal(host.totals['a'], before);
  host.destroyed(record('0/0', 10));
  assert.equal(host.totals['a'], before + 10);
});
