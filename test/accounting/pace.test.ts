import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../src/library/pace.js';
import { millisecondsBetween } from '../../src/sources/look-cost.js';

test('no more than a tenth of a processor goes into looking, and no look comes before it was asked for', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.double({ min: 0, max: 60_000, noNaN: true }), (asked, look) => {
      const between = millisecondsBetween(asked, look);
      assert.ok(between >= asked);
      assert.ok(look <= between * 0.1 + 1e-9);
      assert.ok(between === asked || Math.abs(between - look * 10) < 1e-6, 'and no longer than that takes');
    }),
  );
});

test('the result of a look comes with the time since the look before', async () => {
  const pace = new Pace(1);
  const { seen, seconds } = await pace.look(() => Promise.resolve('seen'));
  assert.equal(seen, 'seen');
  assert.ok(seconds >= 0);
  assert.ok(pace.pauseMilliseconds > 0);
  await assert.rejects(
    pace.look(() => Promise.reject(new Error('gone'))),
    /gone/,
  );
});
