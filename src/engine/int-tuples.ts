const FIRST_CAPACITY = 64;
/** The number of slots for each tuple. At least half of them stay empty, so that searches end soon. */
const SLOTS_PER_TUPLE = 2;

/**
 * Stores tuples of 32-bit integers, each once. Tuples get the indices 0, 1, 2… in the order in which they are added.
 *
 * It is a hash table in flat arrays, which grow by doubling. A `Map` would need a string or an object for each look-up.
 */
export class IntTuples {
  /** The number of stored tuples. */
  count = 0;
  private readonly width: number;
  private values: Int32Array;
  /** The index of a tuple plus 1, or 0 for an empty slot. */
  private slots: Int32Array;

  /** @param width the number of integers in a tuple */
  constructor(width: number) {
    this.width = width;
    this.values = new Int32Array(FIRST_CAPACITY * width);
    this.slots = new Int32Array(FIRST_CAPACITY * SLOTS_PER_TUPLE);
  }

  /** The integer at `position` of a stored tuple. */
  get(index: number, position: number): number {
    return this.values[index * this.width + position] ?? 0;
  }

  /** The index of the tuple that `key` starts with, or -1. */
  find(key: Int32Array): number {
    return (this.slots[this.slotOf(key)] ?? 0) - 1;
  }

  /** The index of the tuple that `key` starts with. A new tuple is stored, and its index is the {@link count} before the call. */
  add(key: Int32Array): number {
    const slot = this.slotOf(key);
    const found = this.slots[slot] ?? 0;
    if (found !== 0) return found - 1;
    const index = this.count++;
    const { values, width } = this;
    for (let position = 0; position < width; position++) {
      values[index * width + position] = key[position] ?? 0;
    }
    this.slots[slot] = index + 1;
    if (this.count * width === values.length) this.grow();
    return index;
  }

  /** The slot that holds the tuple, or the empty slot for it. */
  private slotOf(key: Int32Array): number {
    const { slots, values, width } = this;
    const mask = slots.length - 1;
    let slot = hashOf(key, 0, width) & mask;
    for (;;) {
      const stored = slots[slot] ?? 0;
      if (stored === 0 || isEqual(values, (stored - 1) * width, key, width)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const { values, width, count } = this;
    this.values = new Int32Array(values.length * 2);
    this.values.set(values);
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let index = 0; index < count; index++) {
      let slot = hashOf(values, index * width, width) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = index + 1;
    }
  }
}

function isEqual(values: Int32Array, start: number, key: Int32Array, width: number): boolean {
  for (let position = 0; position < width; position++) {
    if (values[start + position] !== key[position]) return false;
  }
  return true;
}

/** Hashes a tuple by the finalizer of MurmurHash3. Every bit reaches the low bits, as addresses differ in few bits. */
function hashOf(key: Int32Array, start: number, width: number): number {
  let hash = 0;
  for (let position = 0; position < width; position++) {
    hash = Math.imul(hash ^ (key[start + position] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
