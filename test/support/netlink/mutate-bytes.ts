/** A generator of numbers from 0 to 2^32−1 that a seed decides (xorshift32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Numbers that lengths and types break at. */
const EDGES = [0, 1, 2, 3, 4, 5, 15, 16, 17, 20, 0x7f, 0x80, 0xff];

/** The bytes with one to four faults: bits, bytes, lengths, cuts, repeats, holes. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let copy: Uint8Array = Uint8Array.from(bytes);
  for (let faults = 1 + (random() & 3); faults > 0 && copy.length > 0; faults--) copy = fault(copy, random);
  return copy;
}

function fault(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = random() % bytes.length;
  switch (random() % 6) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() & 7));
      return bytes;
    case 1:
      bytes[at] = random() & 0xff;
      return bytes;
    case 2:
      // Headers are aligned: here is a length or type.
      bytes[at & ~1] = EDGES[random() % EDGES.length] ?? 0;
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4: {
      const end = Math.min(bytes.length, at + (random() & 0x7f));
      return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(at)]);
    }
    default:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + (random() & 0x1f))]);
  }
}
