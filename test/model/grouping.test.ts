import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowKey, FlowRow } from '../../src/model/flow-row.js';
import { GROUPINGS, groupRows } from '../../src/model/grouping.js';
import { perSecond, type Traffic } from '../../src/model/traffic.js';
import { orderViewed, VIEW_SORT_KEYS } from '../../src/live/view-order.js';
import {
  arbitraryMeasuredRow,
  arbitraryRow,
  exampleRow,
  MEASURED_SECONDS,
} from '../support/row-arbitrary.js';

interface Sums {
  connections: bigint;
  /** The connections and the open ones of rows whose counters are unknown. */
  unknown: bigint;
  unknownLive: bigint;
  live: bigint;
  total: bigint[];
  delta: bigint[];
}

/** Everything that must neither appear nor vanish. */
function sums(rows: readonly FlowRow[]): Sums {
  const sum: Sums = { connections: 0n, unknown: 0n, unknownLive: 0n, live: 0n, total: [], delta: [] };
  for (const { connections, live = 0, total, delta } of rows) {
    sum.connections += BigInt(connections);
    sum.live += BigInt(live);
    if (total === null) {
      sum.unknown += BigInt(connections);
      sum.unknownLive += BigInt(live);
    }
    addInto(sum.total, total);
    addInto(sum.delta, delta);
  }
  return sum;
}

/** Each counter by itself. */
function addInto(sum: bigint[], traffic: Traffic | null | undefined): void {
  const { inbound, outbound } = traffic ?? {};
  const counters = [inbound?.packets, inbound?.bytes, outbound?.packets, outbound?.bytes];
  for (const [index, counter] of counters.entries()) sum[index] = (sum[index] ?? 0n) + BigInt(counter ?? 0);
}

/** The fields that rows of one group agree in. */
const groupKeys: Record<(typeof GROUPINGS)[number], (key: FlowKey) => unknown> = {
  flow: (key) => key,
  peer: ({ peer }) => peer.addr,
  port: ({ direction, local, peer }) => (direction === 'passive' ? local.port : peer.port),
  local: ({ local }) => local.addr,
};

test('grouping and order lose nothing and invent nothing', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryMeasuredRow),
      fc.constantFrom(...GROUPINGS),
      fc.constantFrom(...VIEW_SORT_KEYS),
      fc.boolean(),
      (rows, grouping, sort, reverse) => {
        const grouped = groupRows(rows, grouping, MEASURED_SECONDS);
        assert.deepEqual(sums(grouped), sums(rows));
        assert.deepEqual(sums(orderViewed(grouped, sort, reverse)), sums(rows));
        for (const { delta, total, rate } of grouped) {
          assert.equal(delta === null, total === null);
          assert.deepEqual(rate, delta ? perSecond(delta, MEASURED_SECONDS) : null);
        }
      },
    ),
  );
});

test('grouping changes no row that it is given', () => {
  fc.assert(
    fc.property(fc.array(arbitraryMeasuredRow), fc.constantFrom(...GROUPINGS), (rows, grouping) => {
      const before = structuredClone(rows);
      groupRows(rows, grouping, MEASURED_SECONDS);
      assert.deepEqual(rows.map(plain), before.map(plain));
    }),
  );
});

/** The row as text: a clone has other prototypes than what fast-check makes. */
function plain(row: FlowRow): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

test('rows of one group are of one source, known or unknown all, and agree in the field of the grouping', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRow), fc.constantFrom('peer', 'port', 'local'), (rows, grouping) => {
      const groupOf = (row: FlowRow): string =>
        JSON.stringify([row.source, row.total === null, groupKeys[grouping](row.key)]);
      const groups = new Map<string, FlowRow[]>();
      for (const row of rows) groups.set(groupOf(row), [...(groups.get(groupOf(row)) ?? []), row]);
      const grouped = groupRows(rows, grouping);
      assert.equal(grouped.length, groups.size);
      for (const [index, members] of [...groups.values()].entries()) {
        const sum = grouped[index];
        assert.ok(sum);
        assert.deepEqual(sums([sum]), sums(members));
        assert.equal(sum.source, members[0]?.source);
        assert.equal(sum.name, undefined);
        // A listing has no numbers of an interval, and no sum makes them up.
        assert.equal('live' in sum || 'delta' in sum || 'rate' in sum, false);
        if (grouping === 'peer') assert.equal(sum.key.peer.addr, members[0]?.key.peer.addr);
        if (grouping === 'local') assert.equal(sum.key.local.addr, members[0]?.key.local.addr);
      }
    }),
  );
});

test('a group whose flows were dialled by different addresses, or some of them by none, says many', () => {
  const via = (addr: string): FlowRow => exampleRow({ key: { via: { addr, port: '3306' } } });
  const viaOf = (rows: FlowRow[]): unknown => groupRows(rows, 'peer').map(({ key }) => key.via);
  assert.deepEqual(viaOf([via('10.0.1.100'), via('10.0.1.100')]), [{ addr: '10.0.1.100', port: '3306' }]);
  assert.deepEqual(viaOf([via('10.0.1.100'), via('10.0.1.101')]), [{ addr: 'many', port: '3306' }]);
  assert.deepEqual(viaOf([via('10.0.1.100'), exampleRow()]), [{ addr: 'many', port: 'many' }]);
  assert.deepEqual(viaOf([exampleRow(), exampleRow()]), [undefined]);
});
