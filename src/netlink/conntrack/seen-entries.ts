import type { ConntrackRecord } from './record.js';

const INITIAL_SLOTS = 1 << 10;
/** Grow when half full: probing stays short. */
const FILL_DIVISOR = 2;
/** Odd constants of the multiplicative hashes (Knuth's golden ratio, and MurmurHash3's). */
const MIX = 0x9e3779b1;
const MIX_TUPLE = 0x85ebca6b;
const EMPTY = 0;

/**
 * Which entries of a dump were seen. The kernel resumes a dump at the entry that did not fit the last datagram; where that
 * one is gone by then it starts the hash bucket anew, and its other entries come twice (`ctnetlink_dump_table`).
 *
 * `CTA_ID` alone does not tell entries apart: it is a 32-bit hash, of which 200,000 collide. So the original tuple is held
 * against it, as a second hash. Open addressing in two flat arrays: 16 bytes an entry at most, where a `Set` of strings takes 100.
 */
export class SeenEntries {
  private ids = new Uint32Array(INITIAL_SLOTS);
  private tuples = new Uint32Array(INITIAL_SLOTS);
  private count = 0;

  /** Whether the entry was there before; from now on it was. Entries without an id (kernels before 2.6.16) always are new. */
  seeAgain(record: ConntrackRecord): boolean {
    if (record.id < 0) return false;
    if (this.count * FILL_DIVISOR >= this.ids.length) this.grow();
    return !this.insert(record.id, tupleHash(record));
  }

  /** False where the pair is in already. */
  private insert(id: number, tuple: number): boolean {
    const mask = this.ids.length - 1;
    let slot = Math.imul(id ^ tuple, MIX) & mask;
    while (this.tuples[slot] !== EMPTY) {
      if (this.ids[slot] === id && this.tuples[slot] === tuple) return false;
      slot = (slot + 1) & mask;
    }
    this.ids[slot] = id;
    this.tuples[slot] = tuple;
    this.count++;
    return true;
  }

  private grow(): void {
    const { ids, tuples } = this;
    this.ids = new Uint32Array(ids.length * 2);
    this.tuples = new Uint32Array(ids.length * 2);
    this.count = 0;
    for (let slot = 0; slot < ids.length; slot++) {
      const tuple = tuples[slot] ?? EMPTY;
      if (tuple !== EMPTY) this.insert(ids[slot] ?? 0, tuple);
    }
  }
}

/** Of the original tuple: never {@link EMPTY}. */
function tupleHash({ view, original }: ConntrackRecord): number {
  const { sourceAt, destinationAt, addressBytes, protocolNumber } = original;
  let hash = protocolNumber;
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
