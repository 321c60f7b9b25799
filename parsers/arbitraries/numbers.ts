import fc from 'fast-check';
import { COUNTER_MAX, counterFromBigint, type Counter } from '../counter.js';

/** A byte: ICMP types and codes, protocol numbers. */
export function u8(): fc.Arbitrary<number> {
  return fc.nat(0xff);
}

/** A port, an ICMP id, a GRE key, a zone. */
export function u16(): fc.Arbitrary<number> {
  return fc.nat(0xffff);
}

/** A mark, an id, a count. Small ones are as frequent as all others. */
export function u32(): fc.Arbitrary<number> {
  return fc.oneof(fc.nat(100), fc.nat(0xffffffff));
}

/** A signed 32-bit number. */
export function s32(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: -2, max: 100 }), fc.integer({ min: -0x80000000, max: 0x7fffffff }));
}

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
