import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Host, record } from './scripted-host.js';

test('bytes from before the start do not count, later ones do', () => {
  const host = new Host();
  assert.ok(host.accounting.needsDump);
  host.dump(record('1', 1000), record('2', 50));
  assert.ok(host.accounting.isStarted && !host.accounting.needsDump);
  assert.deepEqual(host.totals, { a: 0 });
  host.destroyed(record('1', 1300));
  host.dump(record('2', 51), record('3', 7));
  host.destroyed(record('4', 20000));
  assert.deepEqual(host.totals, { a: 300 + 1 + 7 + 20000 });
  assert.deepEqual(host.losses, [0, 0, 0]);
  assert.equal(host.accounting.trackedEntries, 2);
});

test('the start is when the events up to the end of the first complete dump are processed', () => {
  const host = new Host();
  host.begin();
  host.dumped(record('1', 10));
  host.end(false);
  host.accounting.eventsProcessed();
  assert.ok(!host.accounting.isStarted);
  host.begin();
  host.dumped(record('1', 20), record('3', 5));
  host.end();
  assert.ok(!host.accounting.isStarted);
  // As old as the host: it was gone before the dump came to it.
  host.destroyed(record('2', 10n ** 12n));
  host.destroyed(record('3', 6));
  host.accounting.eventsProcessed();
  assert.ok(host.accounting.isStarted);
  host.destroyed(record('1', 21));
  assert.deepEqual(host.totals, { a: 1 });
});

test('events lost before the start make another base necessary, and are no loss', () => {
  const host = new Host();
  host.begin();
  host.dumped(record('1', 10));
  host.accounting.eventsLost();
  host.end();
  host.accounting.eventsProcessed();
  assert.ok(!host.accounting.isStarted);
  host.dump(record('2', 20));
  assert.ok(host.accounting.isStarted);
  assert.deepEqual(host.losses, [0, 0, 0]);
  // Its event comes late. It was before the start, most likely.
  host.destroyed(record('1', 15));
  assert.deepEqual(host.totals, { a: 0 });
  assert.deepEqual(host.losses, [1, 0, 0]);
});

test('an entry that only the first of two dumps of the base has shown keeps its base', () => {
  const host = new Host({ hasEvents: false });
  host.begin();
  host.dumped(record('1', 1000));
  host.end(false);
  host.dump();
  host.dump(record('1', 1001));
  assert.deepEqual(host.totals, { a: 1 });
});

test('a record that comes after the DESTROY is not counted, and a dump is asked for', () => {
  const host = new Host();
  host.dump();
  host.begin();
  host.destroyed(record('1', 120));
  host.dumped(record('1', 100));
  host.end();
  host.accounting.eventsProcessed();
  assert.deepEqual(host.totals, { a: 120 });
  assert.ok(host.accounting.needsDump);
  // It was another connection.
  host.dump(record('1', 150));
  assert.ok(!host.accounting.needsDump);
  assert.deepEqual(host.totals, { a: 270 });
});

test('a DESTROY just before the dump makes its record doubtful too', () => {
  const host = new Host();
  host.dump();
  host.destroyed(record('1', 120));
  host.dump(record('1', 120));
  assert.deepEqual(host.totals, { a: 120 });
  assert.ok(host.accounting.needsDump);
  for (let i = 0; i < 1000; i++) host.destroyed(record(`x${i}`, 0));
  host.dump();
  host.destroyed(record('1', 130));
  for (let i = 0; i < 1000; i++) host.destroyed(record(`y${i}`, 0));
  host.dump(record('1', 7));
  assert.deepEqual(host.totals, { a: 120 + 130 + 7 });
});

test('a record that overtakes the DESTROY of the entry before: both count', () => {
  for (const [next, both] of [
    [150, 270],
    [30, 150],
  ] as const) {
    const host = new Host();
    host.dump();
    host.begin();
    host.dumped(record('1', next));
    host.end();
    host.destroyed(record('1', 120));
    host.accounting.eventsProcessed();
    // While the counters could be of one entry they pass for one, until the next dump shows more.
    assert.deepEqual(host.totals, { a: next > 120 ? both : 120 });
    assert.deepEqual(host.losses, [0, 0, 0]);
    assert.equal(host.accounting.trackedEntries, next > 120 ? 1 : 0);
    // The first dump after a DESTROY does not believe what it shows under the same identity.
    host.dump(record('1', next));
    if (host.accounting.needsDump) host.dump(record('1', next));
    assert.deepEqual(host.totals, { a: both });
  }
});

test('a counter that falls is a new entry', () => {
  const host = new Host();
  host.dump(record('1', 100));
  host.dump(record('1', 130));
  host.begin();
  host.dumped(record('1', 20));
  host.end();
  assert.deepEqual(host.totals, { a: 30 });
  host.accounting.eventsProcessed();
  assert.ok(host.accounting.needsDump);
  assert.deepEqual(host.losses, [1, 0, 0]);
  host.dump(record('1', 21));
  assert.deepEqual(host.totals, { a: 51 });
  // A DESTROY outside of a round is of the latest entry: the one that is tracked went unseen.
  host.destroyed(record('1', 5));
  assert.deepEqual(host.totals, { a: 56 });
  assert.deepEqual(host.losses, [2, 0, 0]);
  assert.equal(host.accounting.trackedEntries, 0);
});

test('an absence is settled when the events are processed, not before', () => {
  const host = new Host();
  host.dump(record('1', 100), record('2', 5));
  host.begin();
  host.end();
  host.destroyed(record('1', 150));
  assert.deepEqual(host.losses, [0, 0, 0]);
  host.accounting.eventsProcessed();
  assert.deepEqual(host.losses, [1, 0, 0]);
  assert.equal(host.lossRecord.since, 1000);
  assert.deepEqual(host.totals, { a: 50 });
  // It comes late, and then nothing is missing.
  host.destroyed(record('2', 9));
  assert.deepEqual(host.totals, { a: 54 });
  assert.deepEqual(host.losses, [0, 0, 0]);
  assert.equal(host.lossRecord.since, undefined);
});

test('an entry that ended unseen is remembered for three dumps, and longer while events are lost', () => {
  for (const [dumps, isLossy, total] of [
    [2, false, 1],
    [3, false, 101],
    [6, true, 1],
  ] as const) {
    const host = new Host();
    host.dump(record('1', 100));
    host.dump();
    for (let i = 1; i < dumps; i++) {
      host.begin();
      if (isLossy) host.accounting.eventsLost();
      host.end();
      host.accounting.eventsProcessed();
    }
    host.destroyed(record('1', 101));
    assert.deepEqual(host.totals, { a: total }, `${dumps} dumps`);
  }
});

test('a late DESTROY that may be of either of two entries counts for neither', () => {
  const host = new Host();
  host.dump(record('1', 100));
  host.dump();
  host.dump(record('1', 20));
  host.destroyed(record('1', 130));
  assert.deepEqual(host.totals, { a: 20 });
  assert.deepEqual(host.losses, [1, 0, 0]);
  host.dump(record('1', 25));
  assert.deepEqual(host.totals, { a: 25 });
});

test('lost events are made up for by the next dump that begins after', () => {
  const host = new Host();
  host.dump(record('1', 100), record('2', 10));
  host.begin();
  host.dumped(record('1', 110), record('2', 10));
  host.accounting.eventsLost();
  host.end();
  host.accounting.eventsProcessed();
  assert.deepEqual(host.losses, [0, 1, 0]);
  assert.ok(host.accounting.needsDump);
  host.dump(record('2', 11));
  assert.ok(!host.accounting.needsDump);
  assert.deepEqual(host.losses, [1, 1, 1]);
  assert.deepEqual(host.totals, { a: 11 });
  assert.equal(host.lossRecord.since, 1000);
});

test('an entry on its way out of the table is not counted again, though its predecessor ended unseen', () => {
  const host = new Host();
  host.dump(record('1', 100));
  host.begin();
  host.dumped(record('1', 20));
  host.end();
  host.destroyed(record('1', 20));
  host.accounting.eventsProcessed();
  host.dump(record('1', 20));
  assert.deepEqual(host.totals, { a: 20 });
});

test('an entry that turns up again before the start was never lost', () => {
  const host = new Host();
  host.begin();
  host.dumped(record('1', 10));
  host.end(false);
  host.begin();
  host.accounting.eventsLost();
  host.end();
  host.accounting.eventsProcessed();
  host.dump(record('1', 12));
  assert.ok(host.accounting.isStarted);
  assert.deepEqual(host.totals, { a: 0 });
  assert.deepEqual(host.losses, [0, 0, 0]);
});

test('an entry that was last seen closed is no loss when it vanishes, and none if it turns up', () => {
  const host = new Host();
  host.dump(record('1', 10), record('2', 10));
  assert.ok(host.accounting.hasOlderEntries);
  host.begin();
  host.dumpedClosed(record('1', 300));
  host.dumped(record('2', 20));
  host.end();
  host.accounting.eventsProcessed();
  host.dump();
  assert.deepEqual(host.totals, { a: 290 + 10 });
  assert.deepEqual(host.losses, [1, 0, 0]);
  assert.ok(!host.accounting.hasOlderEntries);
  // Its event, or a dump that had missed it.
  host.destroyed(record('1', 300));
  assert.deepEqual(host.losses, [1, 0, 0]);
  host.destroyed(record('2', 25));
  assert.deepEqual(host.losses, [0, 0, 0]);
  assert.deepEqual(host.totals, { a: 290 + 15 });
});
