import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRow } from '../../src/model/flow-row.js';
import { NO_TRAFFIC } from '../../src/model/traffic.js';
import { orderViewed, VIEW_SORT_KEYS, viewSortKey } from '../../src/live/view-order.js';
import { syntheticInterval, syntheticRow } from '../support/synthetic-flows.js';

const some = { inbound: { packets: 1, bytes: 100 }, outbound: { packets: 1, bytes: 100 } };

function peers(rows: readonly FlowRow[]): string[] {
  return rows.map(({ key }) => key.peer.addr);
}

test('by connections those count that carried something in the interval, as on the screen', () => {
  const idle = syntheticRow(0, { delta: NO_TRAFFIC, total: some }, 2, { connections: 0, live: 50 });
  const busy = syntheticRow(1, { delta: some, total: some }, 2, { connections: 9, live: 1 });
  assert.deepEqual(peers(orderViewed([busy, idle], 'connections', false)), peers([busy, idle]));
  assert.deepEqual(peers(orderViewed([idle, busy], 'connections', true)), peers([idle, busy]));
});

test('by rate, rows that carry nothing follow by their totals, and rows of unknown bytes come last', () => {
  const moving = syntheticRow(0, { delta: some, total: some });
  const more = { inbound: { packets: 9, bytes: 9000 }, outbound: { packets: 9, bytes: 9000 } };
  const big = syntheticRow(1, { delta: NO_TRAFFIC, total: more });
  const small = syntheticRow(2, { delta: NO_TRAFFIC, total: some });
  const unknown = syntheticRow(3, { delta: null, total: null });
  const rows = [unknown, small, big, moving];
  assert.deepEqual(peers(orderViewed(rows, 'rate', false)), peers([moving, big, small, unknown]));
});

test('each order keeps all rows, and the reverse is the same order turned round', () => {
  const { rows } = syntheticInterval(200, 3);
  for (const sort of VIEW_SORT_KEYS) {
    const ordered = orderViewed(rows, sort, false);
    assert.deepEqual(new Set(peers(ordered)), new Set(peers(rows)));
    assert.equal(ordered.length, rows.length);
    assert.deepEqual(orderViewed(rows, sort, true), [...ordered].reverse());
  }
});

test('bytes of the listing are the rate of the view; other orders keep their names', () => {
  assert.equal(viewSortKey('bytes'), 'rate');
  assert.equal(viewSortKey('connections'), 'connections');
});
