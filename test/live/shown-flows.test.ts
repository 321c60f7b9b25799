import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowRow } from '../../src/model/flow-row.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import { addTraffic, NO_TRAFFIC, perSecond, sumTraffic, type Traffic } from '../../src/model/traffic.js';
import { humanSize } from '../../src/render/human-size.js';
import { screenLines } from '../../src/live/screen.js';
import { ShownFlows } from '../../src/live/shown-flows.js';
import { initialState, withInterval, withRows, type ViewState } from '../../src/live/view-state.js';
import { arbitraryTraffic } from '../support/row-arbitrary.js';
import { SETTING, syntheticKey, syntheticRow } from '../support/synthetic-flows.js';

const SECONDS = 2;

function traffic(bytes: number): Traffic {
  return { inbound: { packets: 3, bytes }, outbound: { packets: 2, bytes: bytes / 2 } };
}

/** The row of a flow that carried `bytes` in and half of that out, in this interval and since it is held. */
function busy(index: number, bytes: number, live: number, totalBytes = bytes): FlowRow {
  return syntheticRow(index, { delta: traffic(bytes), total: traffic(totalBytes) }, SECONDS, { live });
}

/** The row of a flow whose connections changed, without a packet. */
function quiet(index: number, live: number, total: Traffic): FlowRow {
  return syntheticRow(index, { delta: NO_TRAFFIC, total }, SECONDS, { live, connections: 0 });
}

function unknown(index: number, live: number): FlowRow {
  return syntheticRow(index, { delta: null, total: null }, SECONDS, { live });
}

/** Intervals without a row, until this time has passed. @returns the last of them */
function pass(flows: ShownFlows, seconds: number): ReturnType<ShownFlows['update']> {
  let shown = flows.update({ rows: [], seconds: SECONDS });
  for (let passed = SECONDS; passed < seconds; passed += SECONDS)
    shown = flows.update({ rows: [], seconds: SECONDS });
  return shown;
}

test('a flow that did not change stays, with a delta and a rate of 0 and its open connections', () => {
  const flows = new ShownFlows();
  flows.update({ rows: [busy(0, 4000, 3), busy(1, 500, 1)], seconds: SECONDS });
  const { rows, departed } = flows.update({ rows: [busy(1, 700, 2, 1200)], seconds: SECONDS });
  assert.equal(departed, null);
  const [still, moving] = rows;
  assert.ok(still && moving && rows.length === 2);
  const rate = perSecond(NO_TRAFFIC, SECONDS);
  assert.deepEqual(still, { ...busy(0, 4000, 3), connections: 0, delta: NO_TRAFFIC, rate });
  assert.deepEqual(moving.delta, traffic(700));
  assert.equal(moving.total?.inbound.bytes, 1200);
  assert.equal(pass(flows, 10 * 60).rows.length, 2, 'for as long as it has open connections');
});

test('the rows of an interval stay as they are while later ones come: a paused view shows them', () => {
  const flows = new ShownFlows();
  const shown = flows.update({ rows: [busy(0, 4000, 0), busy(1, 500, 1)], seconds: SECONDS });
  const before = structuredClone(shown);
  flows.update({ rows: [busy(1, 700, 2, 1200)], seconds: SECONDS });
  pass(flows, 100);
  assert.deepEqual(shown, before);
});

test('a flow without open connections leaves 60 seconds after its last change, and its total is kept', () => {
  const flows = new ShownFlows();
  flows.update({ rows: [busy(0, 4000, 0), busy(1, 500, 1)], seconds: SECONDS });
  assert.equal(pass(flows, 58).rows.length, 2);
  const { rows, departed } = pass(flows, SECONDS);
  assert.deepEqual(
    rows.map(({ key }) => key),
    [syntheticKey(1)],
  );
  assert.deepEqual(departed, traffic(4000));
  flows.update({ rows: [busy(1, 100, 0, 600)], seconds: SECONDS });
  const later = pass(flows, 60);
  assert.deepEqual(later.rows, []);
  assert.equal(later.departed?.inbound.bytes, 4600);
});

test('a change without traffic delays the leave', () => {
  const flows = new ShownFlows();
  flows.update({ rows: [busy(0, 4000, 1)], seconds: SECONDS });
  pass(flows, 100);
  flows.update({ rows: [quiet(0, 0, traffic(4000))], seconds: SECONDS });
  assert.equal(pass(flows, 58).rows.length, 1);
  const { rows, departed } = pass(flows, SECONDS);
  assert.deepEqual([rows, departed], [[], traffic(4000)]);
});

test('a flow that returns starts again, whether its account was forgotten or not', () => {
  for (const totalOfAccount of [300, 4300]) {
    const flows = new ShownFlows();
    flows.update({ rows: [busy(0, 4000, 0)], seconds: SECONDS });
    pass(flows, 60);
    const { rows, departed } = flows.update({
      rows: [busy(0, 300, 1, totalOfAccount)],
      seconds: SECONDS,
    });
    assert.deepEqual(
      rows.map(({ total }) => total),
      [traffic(300)],
    );
    assert.deepEqual(departed, traffic(4000));
  }
});

test('a flow whose account was forgotten while it was on the screen keeps its total', () => {
  const flows = new ShownFlows();
  flows.update({ rows: [busy(0, 4000, 0)], seconds: SECONDS });
  pass(flows, 56);
  const { rows, departed } = flows.update({ rows: [busy(0, 300, 1)], seconds: SECONDS });
  assert.deepEqual([rows[0]?.total?.inbound.bytes, rows.length, departed], [4300, 1, null]);
});

test('the late end of a TIME_WAIT entry neither brings its flow back nor counts its bytes again', () => {
  const flows = new ShownFlows();
  flows.update({ rows: [busy(0, 4000, 0)], seconds: SECONDS });
  pass(flows, 118);
  const { rows, departed } = flows.update({ rows: [quiet(0, 0, traffic(4000))], seconds: SECONDS });
  assert.deepEqual([rows, departed], [[], traffic(4000)]);
  assert.deepEqual(pass(flows, 120).departed, traffic(4000));
});

test('a flow with known and with unknown counters is two rows; the unknown one leaves without a total', () => {
  const flows = new ShownFlows();
  const { rows } = flows.update({ rows: [busy(0, 4000, 1), unknown(0, 0)], seconds: SECONDS });
  assert.deepEqual(rows, [busy(0, 4000, 1), unknown(0, 0)]);
  const later = pass(flows, 58);
  assert.deepEqual(later.rows[1], unknown(0, 0), 'its numbers stay unknown');
  const last = pass(flows, SECONDS);
  assert.equal(last.rows.length, 1);
  assert.equal(last.departed, null);
});

test('flows that differ in one field only are rows of their own', () => {
  const row = busy(0, 100, 1);
  const end = { addr: '203.0.113.1', port: '1' };
  const rows: FlowRow[] = [
    row,
    { ...row, source: 'sockets' },
    { ...row, key: { ...row.key, direction: 'passive' } },
    { ...row, key: { ...row.key, protocol: 'udp' } },
    { ...row, key: { ...row.key, local: end } },
    { ...row, key: { ...row.key, peer: end } },
    { ...row, key: { ...row.key, via: end } },
    { ...row, key: { ...row.key, via: { ...end, port: '2' } } },
  ];
  const flows = new ShownFlows();
  flows.update({ rows, seconds: SECONDS });
  assert.deepEqual(flows.update({ rows, seconds: SECONDS }).rows.length, rows.length);
});

function sumLine(state: ViewState): string {
  const lines = screenLines(state, { columns: 120, rows: 24 }).map(({ text }) => text);
  return lines.find((text) => text.startsWith('In ')) ?? '';
}

test('the totals on the screen do not fall as flows leave, unless a filter counts what it lets through', () => {
  const flows = new ShownFlows();
  let state = initialState(SETTING);
  const show = (rows: readonly FlowRow[], seconds = SECONDS): void => {
    const interval = { ...flows.update({ rows: [...rows], seconds }), seconds, elapsedSeconds: 0 };
    state = withInterval(state, { ...interval, losses: NO_LOSSES });
  };
  const expected = (bytes: number): RegExp =>
    new RegExp(`Total in ${humanSize(bytes)}  out ${humanSize(bytes / 2)}$`.replaceAll('.', '\\.'));
  show([busy(0, 400_000, 0), busy(1, 50_000, 1)]);
  assert.match(sumLine(state), expected(450_000));
  show([], 60);
  assert.equal(state.rows.length, 1);
  assert.match(sumLine(state), expected(450_000));
  for (const grouping of ['peer', 'port', 'local'] as const) {
    assert.match(sumLine(withRows({ ...state, grouping })), expected(450_000));
  }
  assert.match(sumLine(withRows({ ...state, filter: 'tcp' })), expected(50_000));
  show([busy(1, 1000, 0, 51_000)]);
  show([], 60);
  assert.equal(state.rows.length, 0);
  assert.match(sumLine(state), expected(451_000));
});

test('after 100,000 peers came and went, few rows are left and no byte is missing', () => {
  const flows = new ShownFlows();
  const PEERS = 100_000;
  const AT_ONCE = 1000;
  let most = 0;
  for (let from = 0; from < PEERS; from += AT_ONCE) {
    const rows = Array.from({ length: AT_ONCE }, (_, index) => {
      const row = busy(0, 1000, 0);
      const addr = `10.${(from + index) >> 16}.${((from + index) >> 8) & 255}.${(from + index) & 255}`;
      return { ...row, key: { ...row.key, peer: { addr, port: '443' } } };
    });
    most = Math.max(most, flows.update({ rows, seconds: 10 }).rows.length);
  }
  assert.ok(most <= 6 * AT_ONCE, `${most} rows at the most`);
  const last = flows.update({ rows: [busy(1, 1000, 1)], seconds: 60 });
  assert.equal(last.rows.length, 1);
  assert.equal(last.departed?.inbound.bytes, PEERS * 1000);
});

/** A change of one of few flows. `forgets`: its account starts its total again, if nothing is open. */
const change = fc.record({
  index: fc.nat(4),
  live: fc.nat(2),
  delta: fc.oneof(fc.constant(NO_TRAFFIC), arbitraryTraffic),
  isKnown: fc.oneof(
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  forgets: fc.boolean(),
});

const intervals = fc.array(
  fc.record({
    changes: fc.uniqueArray(change, {
      maxLength: 5,
      selector: ({ index, isKnown }) => `${index} ${String(isKnown)}`,
    }),
    seconds: fc.constantFrom(0.5, 2, 30, 61),
  }),
  { maxLength: 40 },
);

test('the totals on the screen and of flows that have left are the sum of all deltas, and never fall', () => {
  fc.assert(
    fc.property(intervals, (all) => {
      const flows = new ShownFlows();
      const accounts = new Map<number, { total: Traffic; live: number }>();
      let carried: Traffic = NO_TRAFFIC;
      let before: Traffic = NO_TRAFFIC;
      for (const { changes, seconds } of all) {
        const rows = changes.map(({ index, live, delta, isKnown, forgets }) => {
          if (!isKnown) return unknown(index, live);
          const account = accounts.get(index);
          const isForgotten = account === undefined || (forgets && account.live === 0);
          const total = isForgotten ? delta : addTraffic(account.total, delta);
          accounts.set(index, { total, live });
          carried = addTraffic(carried, delta);
          return syntheticRow(index, { delta, total }, seconds, { live });
        });
        const shown = flows.update({ rows, seconds });
        const sum = sumOf([...shown.rows.map(({ total }) => total), shown.departed]);
        assert.deepEqual(sum, carried);
        assertNoLess(sum, before);
        before = sum;
        const [rates, deltas] = [shown.rows, rows].map((some) => sumOf(some.map(({ delta }) => delta)));
        assert.deepEqual(rates, deltas, 'the rates are those of the interval');
      }
    }),
  );
});

function sumOf(traffics: readonly (Traffic | null | undefined)[]): Traffic {
  return addTraffic(NO_TRAFFIC, sumTraffic(traffics) ?? NO_TRAFFIC);
}

function assertNoLess(now: Traffic, before: Traffic): void {
  for (const way of ['inbound', 'outbound'] as const) {
    assert.ok(now[way].bytes >= before[way].bytes && now[way].packets >= before[way].packets);
  }
}
