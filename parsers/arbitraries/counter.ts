import fc from 'fast-check';
import { COUNTER_MAX, counterFromBigint, type Counter } from '../counter.js';

/**
 * Any {@link Counter} from 0 to 2^64−1. Small ones are as frequent as large ones, and there are some around 2^53, at
 * which `number` ends and `bigint` begins. Shrinks towards 0.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(counter(), counter(), (a, b) => compareCounters(addCounters(a, b), a) >= 0));
 * ```
 */
export function counter(): fc.Arbitrary<Counter> {
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  return fc
    .oneof(
      fc.bigInt(0n, 5000n),
      fc.bigInt(0n, COUNTER_MAX),
      fc.bigInt(safe - 2n, safe + 2n),
      fc.constant(COUNTER_MAX),
    )
    .map(counterFromBigint);
}
