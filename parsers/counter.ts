/**
 * A kernel counter: an unsigned 64-bit number, or a sum of such numbers.
 *
 * It is a `number` up to `Number.MAX_SAFE_INTEGER` and a `bigint` beyond, so it is always exact.
 * Both compare and print alike (`<`, `>`, `String(…)`). Use {@link addCounters} to add.
 */
export type Counter = number | bigint;

/** The largest value of a kernel counter, 2^64−1 (`U64_MAX`). */
export const COUNTER_MAX = 18446744073709551615n;

/** The exact sum of two counters; a `bigint` only if a `number` would not be exact. */
export function addCounters(a: Counter, b: Counter): Counter {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  return counterFromBigint(BigInt(a) + BigInt(b));
}

/** The exact difference of two counters; `a` is the larger. */
export function subtractCounters(a: Counter, b: Counter): Counter {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return counterFromBigint(BigInt(a) - BigInt(b));
}

/** Converts a `bigint` to a {@link Counter}: a `number` if that is exact. */
export function counterFromBigint(value: bigint): Counter {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/** Orders counters: negative if `a` is smaller, 0 if they are equal, positive if `a` is larger. */
export function compareCounters(a: Counter, b: Counter): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
