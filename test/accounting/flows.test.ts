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
  assert.equal(host.accounting.interval().flows[0]?.total?.outbound.packets, 9);
});

test('unknown counters are never zero, and never mix with known ones', () => {
  const host = new Host();
  host.dump(record('1'), record('2', 5));
  host.dump(record('1'), record('2', 6));
  assert.deepEqual(host.totals, { a: 1, 'a?': '-' });
  host.destroyed(record('1'));
  host.destroyed(record('3'));
  const { flows, losses } = host.accounting.interval();
  assert.deepEqual(
    flows.map(({ live, ended, total }) => [live, ended, total === null]),
    [
      [1, 0, false],
      [0, 2, true],
    ],
  );
  assert.equal(losses.unknownConnections, 2);
  assert.equal(losses.endedUnseen, 0);
  // No entry gains counters: it is another.
  host.dump(record('2', 6), record('4'));
  host.dump(record('2', 6), record('4', 3));
  host.dump(record('2', 6), record('4', 3));
  assert.deepEqual(host.totals, { a: 4, 'a?': '-' });
  assert.equal(host.accounting.interval().losses.endedUnseen, 1);
});

test('polling: from dump to dump, with the flag', () => {
  const host = new Host({ hasEvents: false });
  host.dump(record('1', 100), record('2', 1));
  host.dump(record('1', 150), record('3', 30));
  host.dump(record('1', 10), record('2', 3));
  assert.deepEqual(host.totals, { a: 50 + 30 + 10 + 2 });
  assert.ok(!host.accounting.needsDump);
  assert.ok(host.accounting.interval().losses.missesShortConnections);
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
  const [first, second] = host.accounting.interval().flows;
  assert.equal(first?.flow, 'OUT');
  assert.equal(first.total?.inbound.bytes, 2n ** 63n - 2n ** 52n);
  assert.deepEqual(second?.total, {
    inbound: { packets: 0, bytes: 10 },
    outbound: { packets: 0, bytes: 1000 },
  });
  host.destroyed(record('2', 1001, 'in'));
  const [unchanged, changed] = host.accounting.interval().flows;
  assert.deepEqual(unchanged?.delta, {
    inbound: { packets: 0, bytes: 0 },
    outbound: { packets: 0, bytes: 0 },
  });
  assert.equal(unchanged.total, first.total);
  assert.equal(changed?.delta?.outbound.bytes, 1);
  assert.equal(second.total.outbound.bytes, 1000);
});

test('the resolver is asked once for each entry', () => {
  const host = new Host();
  host.dump(record('1', 1), record('2', 1, 'b'));
  host.dump(record('1', 2), record('2', 1, 'b'));
  host.destroyed(record('1', 2));
  host.destroyed(record('3', 2, 'c'));
  assert.deepEqual(host.resolved, ['a', 'b', 'c']);
});

test('idle flows stay, unless the caller asks', () => {
  const forgetful = new Host({ forgetIdleAfter: 2 });
  const faithful = new Host();
  for (const host of [forgetful, faithful]) {
    host.dump(record('1', 1, 'live'), record('2', 1, 'unseen'));
    host.destroyed(record('3', 2, 'gone'));
    host.dump(record('1', 1, 'live'));
    for (let i = 0; i < 4; i++) host.accounting.interval();
  }
  assert.deepEqual(Object.keys(faithful.totals), ['live', 'unseen', 'gone']);
  // What may still be heard of is kept until it is forgotten itself.
  assert.deepEqual(Object.keys(forgetful.totals), ['live', 'unseen']);
  for (let i = 0; i < 4; i++) forgetful.dump(record('1', 1, 'live'));
  for (let i = 0; i < 2; i++) forgetful.accounting.interval();
  assert.deepEqual(Object.keys(forgetful.totals), ['live']);
  assert.equal(forgetful.accounting.interval().forgottenFlows, 2);
});

test('flows whose late entries turned up are dropped as well', () => {
  const host = new Host({ forgetIdleAfter: 1 });
  host.dump(record('1', 1), record('2', 1, 'b'), record('3', 1, 'c'));
  host.dump();
  host.destroyed(record('1', 2));
  host.dump(record('2', 1, 'b'), record('3', 0, 'c'));
  host.destroyed(record('2', 1, 'b'));
  host.destroyed(record('3', 0, 'c'));
  for (let i = 0; i < 5; i++) host.dump();
  for (let i = 0; i < 3; i++) host.accounting.interval();
  assert.deepEqual(host.totals, {});
});

test('an identity that vanishes twice holds its flows no longer than others', () => {
  const host = new Host({ forgetIdleAfter: 1 });
  host.dump(record('1', 100));
  host.dump();
  host.dump(record('1', 50, 'b'));
  for (let i = 0; i < 5; i++) host.dump();
  for (let i = 0; i < 3; i++) host.accounting.interval();
  assert.deepEqual(host.totals, {});
});

test('what is remembered of vanished entries is bounded, however long events are lost', () => {
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
