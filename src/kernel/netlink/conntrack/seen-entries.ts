import type { ConntrackRecord } from './conntrack-record.js';

/** The entries and slots of a generation. At most a quarter of the slots is filled, so probing is short. */
const GENERATION_ENTRIES = 4096;
const GENERATION_SLOTS = 4 * GENERATION_ENTRIES;
/** Odd constants of multiplicative hashes: Knuth's golden ratio, and MurmurHash3's. */
const MIX_SLOT = 0x9e3779b1;
const MIX_TUPLE = 0x85ebca6b;
const EMPTY = 0;

/**
 * Recognises the entries of a dump that were just seen. The kernel resumes a dump at the entry that did not fit the datagram
 * before. If that entry is gone by then, the kernel starts its hash bucket anew, and the bucket's other entries come twice
 * (`ctnetlink_dump_table`).
 *
 * So only the last entries matter, as many as a bucket can hold (130 since Linux 5.15). At least the last 4096 are remembered. If
 * all were remembered, each look-up would miss the processor's caches.
 *
 * `CTA_ID` alone does not tell entries apart, as it is a 32-bit hash. So a hash of the original tuple is compared as well.
 */
export class SeenEntries {
  private current = new Generation();
  private previous = new Generation();

  /** Remembers the entry, and tells whether it was remembered before. Entries without an id (old kernels) always are new. */
  seeAgain(record: ConntrackRecord): boolean {
    const { id } = record;
    if (id < 0) return false;
    const tuple = tupleHash(record);
    if (this.previous.has(id, tuple) || this.current.has(id, tuple)) return true;
    if (this.current.count === GENERATION_ENTRIES) {
      [this.current, this.previous] = [this.previous, this.current];
      this.current.clear();
    }
    this.current.add(id, tuple);
    return false;
  }
}

/** A set of pairs of unsigned 32-bit numbers, with open addressing in flat arrays. The second number is never {@link EMPTY}. */
class Generation {
  count = 0;
  private readonly ids = new Uint32Array(GENERATION_SLOTS);
  private readonly tuples = new Uint32Array(GENERATION_SLOTS);

  has(id: number, tuple: number): boolean {
    return this.tuples[this.slotOf(id, tuple)] !== EMPTY;
  }

  add(id: number, tuple: number): void {
    const slot = this.slotOf(id, tuple);
    this.ids[slot] = id;
    this.tuples[slot] = tuple;
    this.count++;
  }

  clear(): void {
    this.tuples.fill(EMPTY);
    this.count = 0;
  }

  /** The slot of the pair, or the free slot for it. */
  private slotOf(id: number, tuple: number): number {
    let slot = Math.imul(id ^ tuple, MIX_SLOT) & (GENERATION_SLOTS - 1);
    while (this.tuples[slot] !== EMPTY && (this.ids[slot] !== id || this.tuples[slot] !== tuple)) {
      slot = (slot + 1) & (GENERATION_SLOTS - 1);
    }
    return slot;
  }
}

/** A hash of the original tuple; never {@link EMPTY}. */
function tupleHash({ view, original }: ConntrackRecord): number {
  const { sourceAt, destinationAt, addressBytes } = original;
  let hash = original.protocolNumber;
  for (let word = 0; word < addressBytes; word += 4) {
    hash = mix(hash, view.getUint32(sourceAt + word));
    hash = mix(hash, view.getUint32(destinationAt + word));
  }
  hash = mix(hash, (original.sourcePort << 16) ^ original.destinationPort);
  hash = mix(hash, (original.icmpId << 16) ^ (original.icmpType << 8) ^ original.icmpCode);
  return (hash | 1) >>> 0;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, MIX_TUPLE);
  return mixed ^ (mixed >>> 15);
}
