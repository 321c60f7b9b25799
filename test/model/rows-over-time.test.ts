import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf } from '../../src/library/account.js';
import { orderViewed, VIEW_SORT_KEYS, viewSortKey, type ViewSortKey } from '../../src/live/view-order.js';
import type { FlowRow } from '../../src/model/flow-row.js';
import { orderRows, SORT_KEYS } from '../../src/model/order.js';
import { NO_TRAFFIC, type Traffic } from '../../src/model/traffic.js';
import { syntheticKey, syntheticRow } from '../support/synthetic-flows.js';

const EVERYTHING = {
  directions: ['active' as const, 'passive' as const, 'forwarded' as const],
  activePorts: [],
  passivePorts: [],
  protocols: [],
  peers: undefined,
  zones: [],
  states: [],
  scope: 'all' as const,
};

function traffic(inbound: number, outbound: number): Traffic {
  return { inbound: { packets: 1, bytes: inbound }, outbound: { packets: 1, bytes: outbound } };
}

function packets(inbound: number, outbound: number): Traffic {
  return { inbound: { packets: inbound, bytes: 1 }, outbound: { packets: outbound, bytes: 1 } };
}

/** The places in `rows` of the same flows in order. */
function places(rows: readonly FlowRow[], ordered: readonly FlowRow[]): number[] {
  return ordered.map(({ key }) => rows.findIndex((row) => row.key === key));
}

test('rows over time have the rate of the real seconds of their interval, and unknown is null, never 0', () => {
  const row = (delta: Traffic | null): FlowRow => ({
    key: syntheticKey(0),
    connections: 1,
    live: 1,
    total: delta,
    delta,
    source: 'conntrack',
  });
  const rated = (delta: Traffic | null, seconds: number): FlowRow[] =>
    rowsOf([row(delta)], { filter: EVERYTHING }, seconds);
  assert.deepEqual(rated(traffic(3000, 1), 1.5), [
    {
      ...row(traffic(3000, 1)),
      rate: { inbound: { packets: 0.667, bytes: 2000 }, outbound: { packets: 0.667, bytes: 0.667 } },
    },
  ]);
  assert.deepEqual(rated(null, 2), [{ ...row(null), rate: null }]);
  assert.deepEqual(rated(NO_TRAFFIC, 0), [{ ...row(NO_TRAFFIC), rate: null }]);
});

test('the filter of the listing applies over time', () => {
  const rows = [0, 1, 2].map((index) => syntheticRow(index, { delta: NO_TRAFFIC, total: NO_TRAFFIC }));
  const passive = rowsOf(rows, { filter: { ...EVERYTHING, directions: ['passive'] } }, 2);
  assert.deepEqual(
    passive.map(({ key }) => key.direction),
    ['passive'],
  );
});

test('by current rate come the flows that move, then the rest by total, those with unknown counters last', () => {
  const rows = [
    syntheticRow(0, { delta: null, total: null }),
    syntheticRow(1, { delta: NO_TRAFFIC, total: traffic(5, 5) }),
    syntheticRow(2, { delta: NO_TRAFFIC, total: traffic(900, 900) }),
    syntheticRow(4, { delta: traffic(1, 1), total: traffic(1, 1) }),
    syntheticRow(5, { delta: traffic(70, 1), total: traffic(70, 1) }),
  ];
  const order = (sort: ViewSortKey, reverse: boolean): number[] =>
    places(rows, orderViewed(rows, sort, reverse));
  assert.deepEqual(order('rate', false), [4, 3, 2, 1, 0]);
  assert.deepEqual(order('rate', true), [0, 1, 2, 3, 4]);
  assert.deepEqual(order('in', false), [4, 3, 2, 1, 0]);
  assert.deepEqual(order('total', false), [2, 4, 1, 3, 0]);
  // Equal deltas come by their totals.
  assert.deepEqual(order('out', false), [4, 3, 2, 1, 0]);
});

test('packets and connections have an order each', () => {
  const rows = [
    syntheticRow(0, { delta: packets(1, 1), total: packets(9, 9) }),
    syntheticRow(1, { delta: packets(3, 3), total: packets(3, 3) }),
    syntheticRow(2, { delta: packets(2, 2), total: packets(5, 5) }, 2, { connections: 7, live: 7 }),
  ];
  const order = (sort: ViewSortKey): number[] => places(rows, orderViewed(rows, sort, false));
  assert.deepEqual(order('packets'), [1, 2, 0]);
  assert.equal(order('connections')[0], 2);
});

test('the view and a listing order by the connections that carried the bytes', () => {
  const same = { delta: NO_TRAFFIC, total: NO_TRAFFIC };
  const rows = [
    syntheticRow(0, same, 2, { connections: 9, live: 1 }),
    syntheticRow(1, same, 2, { connections: 0, live: 5 }),
    syntheticRow(2, same, 2, { connections: 3, live: 3 }),
  ];
  assert.deepEqual(places(rows, orderViewed(rows, 'connections', false)), [0, 2, 1]);
  const listed = orderRows(rows, { key: 'connections', by: 'delta', reverse: false });
  assert.deepEqual(places(rows, listed), [0, 2, 1]);
});

test('every order of the listing has one here, its bytes being those of the moment', () => {
  for (const key of SORT_KEYS) assert.ok(VIEW_SORT_KEYS.includes(viewSortKey(key)));
  assert.equal(viewSortKey('bytes'), 'rate');
  assert.equal(viewSortKey('packets'), 'packets');
});
