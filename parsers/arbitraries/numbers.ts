import fc from 'fast-check';

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
