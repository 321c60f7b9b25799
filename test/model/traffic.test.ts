import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasTraffic, NO_TRAFFIC, perSecond, sumTraffic, type Traffic } from '../../src/model/traffic.js';
import { arbitraryTraffic } from '../support/row-arbitrary.js';

/** The four counters, exactly. */
function counters({ inbound, outbound }: Traffic): bigint[] {
  return [inbound.packets, inbound.bytes, outbound.packets, outbound.bytes].map(BigInt);
}

function zeros(): bigint[] {
  return [0n, 0n, 0n, 0n];
}

test('a rate is the traffic over the real seconds of the interval', () => {
  const traffic = { inbound: { packets: 1, bytes: 3000 }, outbound: { packets: 1, bytes: 1 } };
  assert.deepEqual(perSecond(traffic, 1.5), {
    inbound: { packets: 0.667, bytes: 2000 },
    outbound: { packets: 0.667, bytes: 0.667 },
  });
});

test('a rate without an interval is null, never 0', () => {
  assert.equal(perSecond(NO_TRAFFIC, 0), null);
});

test('a sum is exact, skips unknown traffic, and is null if none is known', () => {
  const some = fc.array(fc.oneof(arbitraryTraffic, fc.constantFrom(null, undefined)));
  fc.assert(
    fc.property(some, (traffics) => {
      const known = traffics.filter((traffic) => traffic !== null && traffic !== undefined);
      const sum = sumTraffic(traffics);
      const expected = known.reduce(
        (sums, traffic) => counters(traffic).map((counter, index) => counter + (sums[index] ?? 0n)),
        zeros(),
      );
      assert.deepEqual(sum && counters(sum), known.length === 0 ? null : expected);
    }),
  );
});

test('a single packet or byte either way is traffic', () => {
  assert.equal(hasTraffic(NO_TRAFFIC), false);
  fc.assert(
    fc.property(arbitraryTraffic, (traffic) => {
      assert.equal(
        hasTraffic(traffic),
        counters(traffic).some((counter) => counter > 0n),
      );
    }),
  );
  for (const way of ['inbound', 'outbound'] as const) {
    for (const unit of ['packets', 'bytes'] as const) {
      assert.ok(hasTraffic({ ...NO_TRAFFIC, [way]: { ...NO_TRAFFIC[way], [unit]: 1 } }));
    }
  }
});
