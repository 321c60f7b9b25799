import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Traffic } from '../../src/engine/accounting/flow-account.js';
import { GROUPINGS } from '../../src/model/grouping.js';
import { SORT_KEYS } from '../../src/model/order.js';
import {
  flowRates,
  groupRates,
  orderRates,
  RATE_SORT_KEYS,
  rateSortKey,
  type FlowRate,
} from '../../src/model/rates.js';
import { arbitraryRate } from '../support/rate-arbitrary.js';
import { syntheticFlow } from '../support/synthetic-flows.js';

const NOTHING: Traffic = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } };

function traffic(inbound: number, outbound: number): Traffic {
  return { inbound: { packets: 1, bytes: inbound }, outbound: { packets: 1, bytes: outbound } };
}

function rateOf(index: number, delta: Traffic | null, total: Traffic | null, seconds = 2): FlowRate {
  const flows = [{ flow: syntheticFlow(index), live: 1, ended: 0, delta, total }];
  const [rate] = flowRates({ flows }, seconds);
  assert.ok(rate);
  return rate;
}

function sums(rates: readonly FlowRate[]): Record<string, bigint> {
  const sum = { connections: 0n, unknown: 0n, inbound: 0n, outbound: 0n, total: 0n };
  for (const { connections, delta, total } of rates) {
    sum.connections += BigInt(connections);
    if (delta === null) sum.unknown += BigInt(connections);
    sum.inbound += BigInt(delta?.inbound.bytes ?? 0);
    sum.outbound += BigInt(delta?.outbound.bytes ?? 0);
    sum.total += BigInt(total?.inbound.bytes ?? 0) + BigInt(total?.outbound.packets ?? 0);
  }
  return sum;
}

test('a rate is the delta over the real seconds of the interval', () => {
  assert.deepEqual(rateOf(0, traffic(3000, 1), traffic(9000, 2), 1.5).rate, {
    inbound: { packets: 0.667, bytes: 2000 },
    outbound: { packets: 0.667, bytes: 0.667 },
  });
});

test('what is unknown is null, never 0', () => {
  const { delta, rate, total, connections } = rateOf(0, null, null);
  assert.deepEqual(
    { delta, rate, total, connections },
    { delta: null, rate: null, total: null, connections: 1 },
  );
  assert.equal(rateOf(0, NOTHING, NOTHING, 0).rate, null);
});

test('the filter of the listing applies', () => {
  const flows = [0, 1, 2].map((index) => ({
    flow: syntheticFlow(index),
    live: 1,
    ended: 0,
    delta: NOTHING,
    total: NOTHING,
  }));
  const filter = {
    directions: ['passive' as const],
    activePorts: [],
    passivePorts: [],
    protocols: [],
    peers: undefined,
    scope: 'all' as const,
  };
  assert.deepEqual(
    flowRates({ flows }, 2, filter).map(({ direction }) => direction),
    ['passive'],
  );
});

test('grouping and order lose nothing and invent nothing', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryRate),
      fc.constantFrom(...GROUPINGS),
      fc.constantFrom(...RATE_SORT_KEYS),
      fc.boolean(),
      (rates, grouping, sort, reverse) => {
        const grouped = orderRates(groupRates(rates, grouping, 2), sort, reverse);
        assert.deepEqual(sums(grouped), sums(rates));
        for (const { delta, total } of grouped) assert.equal(delta === null, total === null);
      },
    ),
  );
});

test('by current rate: what moves first, then the rest by total, what is unknown last', () => {
  const rates = [
    rateOf(0, null, null),
    rateOf(1, NOTHING, traffic(5, 5)),
    rateOf(2, NOTHING, traffic(900, 900)),
    rateOf(4, traffic(1, 1), traffic(1, 1)),
    rateOf(5, traffic(70, 1), traffic(70, 1)),
  ];
  const order = (sort: 'rate' | 'out', reverse: boolean): number[] =>
    orderRates(rates, sort, reverse).map((rate) => rates.indexOf(rate));
  assert.deepEqual(order('rate', false), [4, 3, 2, 1, 0]);
  assert.deepEqual(order('rate', true), [0, 1, 2, 3, 4]);
});

test('by packets and by connections, each has its own order', () => {
  const packets = (inbound: number, outbound: number): Traffic => ({
    inbound: { packets: inbound, bytes: 1 },
    outbound: { packets: outbound, bytes: 1 },
  });
  const rates = [rateOf(0, packets(1, 1), packets(9, 9)), rateOf(1, packets(3, 3), packets(3, 3))];
  const busier = { ...rateOf(2, packets(2, 2), packets(5, 5)), connections: 7 };
  const all = [...rates, busier];
  const order = (sort: 'packets' | 'connections'): number[] =>
    orderRates(all, sort, false).map((rate) => all.indexOf(rate));
  assert.deepEqual(order('packets'), [1, 2, 0]);
  assert.equal(order('connections')[0], 2);
});

test('every order of the listing has one here, its bytes being those of the moment', () => {
  for (const key of SORT_KEYS) assert.ok(RATE_SORT_KEYS.includes(rateSortKey(key)));
  assert.equal(rateSortKey('bytes'), 'rate');
  assert.equal(rateSortKey('packets'), 'packets');
});
