/** Gives each position a whole number from 0 to {@link BIGGEST_KEY}. */
export type Key = (position: number) => number;

/** A column to sort by. */
export interface SortColumn {
  key: Key;
  /** True if the biggest comes first. */
  descending: boolean;
}

type Compare = (a: number, b: number) => number;

/** Stands for all numbers from here on. Positions with this key are ordered by the comparison alone. */
export const BIGGEST_KEY: number = 2 ** 53;

const DIGIT_BITS = 11;
const BASE = 1 << DIGIT_BITS;
const MASK = BASE - 1;
/** Up to this many positions, comparing is faster than a radix sort. */
const FEW = 64;

/**
 * Sorts the positions 0…count−1 by the first column, among equals by the next, and so on. `compare` is the whole order: it agrees
 * with the columns and decides what they leave open.
 *
 * A radix sort, as comparing takes several times as long. Most columns are needed for few positions only.
 */
export function sortPositions(count: number, columns: readonly SortColumn[], compare: Compare): Uint32Array {
  const positions = new Uint32Array(count).map((_, position) => position);
  sortBy(positions, columns, compare);
  return positions;
}

function sortBy(positions: Uint32Array, columns: readonly SortColumn[], compare: Compare): void {
  const [column, ...others] = columns;
  if (column === undefined || positions.length <= FEW) {
    positions.sort(compare);
    return;
  }
  const keys = sortByColumn(positions, column);
  let start = 0;
  for (let end = 1; end <= positions.length; end++) {
    if (keys[end] === keys[start]) continue;
    if (end - start > 1) {
      sortBy(positions.subarray(start, end), keys[start] === BIGGEST_KEY ? [] : others, compare);
    }
    start = end;
  }
}

/** Positions, and the key of each. */
interface Keyed {
  positions: Uint32Array;
  keys: Float64Array;
}

/** @returns the keys in order */
function sortByColumn(positions: Uint32Array, { key, descending }: SortColumn): Float64Array {
  const { length } = positions;
  let sorted: Keyed = { positions, keys: new Float64Array(length) };
  let spare: Keyed = { positions: new Uint32Array(length), keys: new Float64Array(length) };
  const biggest = fillKeys(sorted, key);
  for (let divisor = 1; divisor <= biggest; divisor *= BASE) {
    if (sortByDigit(sorted, spare, divisor, descending ? MASK : 0)) [sorted, spare] = [spare, sorted];
  }
  positions.set(sorted.positions);
  return sorted.keys;
}

function fillKeys({ positions, keys }: Keyed, key: Key): number {
  let biggest = 0;
  for (let place = 0; place < keys.length; place++) {
    const value = key(positions[place] ?? 0);
    keys[place] = value;
    if (value > biggest) biggest = value;
  }
  return biggest;
}

/** Puts `from` into `to` in the order of one digit, with its bits flipped by `flip`. @returns false if all digits are the same */
function sortByDigit(from: Keyed, to: Keyed, divisor: number, flip: number): boolean {
  const { positions, keys } = from;
  // Division by a power of two is exact, and `&` takes the low bits of doubles beyond 32 bits as well.
  const digitAt = (place: number): number => (((keys[place] ?? 0) / divisor) & MASK) ^ flip;
  // The place for the next position of each digit. At first it counts the positions of the digit before.
  const next = new Uint32Array(BASE + 1);
  for (let place = 0; place < keys.length; place++) {
    const after = digitAt(place) + 1;
    next[after] = (next[after] ?? 0) + 1;
  }
  if (next.includes(keys.length)) return false;
  for (let digit = 1; digit < BASE; digit++) next[digit] = (next[digit] ?? 0) + (next[digit - 1] ?? 0);
  for (let place = 0; place < keys.length; place++) {
    const digit = digitAt(place);
    const target = next[digit] ?? 0;
    next[digit] = target + 1;
    to.positions[target] = positions[place] ?? 0;
    to.keys[target] = keys[place] ?? 0;
  }
  return true;
}

/** Compares two positions by the columns. */
export function compareColumns(columns: readonly SortColumn[], a: number, b: number): number {
  for (const { key, descending } of columns) {
    const difference = key(a) - key(b);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}
