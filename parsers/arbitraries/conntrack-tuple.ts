import fc from 'fast-check';
import type { AddressTuple, AnyTuple, GreTuple, IcmpTuple, PortTuple } from '../conntrack/entry.js';
import { ipAddress, type IpFamily } from './ip-address.js';
import { u16, u32, u8 } from './numbers.js';

const PLAIN = { noNullPrototype: true } as const;

/** The tuples of the two directions. */
export interface TuplePair<T> {
  original: T;
  reply: T;
}

/** Merges the objects of two or three arbitraries into one. */
export function merged<A extends object, B extends object, C extends object = object>(
  first: fc.Arbitrary<A>,
  second: fc.Arbitrary<B>,
  third?: fc.Arbitrary<C>,
): fc.Arbitrary<A & B & C> {
  const last: fc.Arbitrary<C | undefined> = third ?? fc.constant(undefined);
  return fc.tuple(first, second, last).map(([a, b, c]) => ({ ...a, ...b, ...(c as C) }));
}

/** The tuple of a protocol without ports. */
export function addressTuple(family: IpFamily): fc.Arbitrary<AddressTuple> {
  return fc.record({ source: ipAddress(family), destination: ipAddress(family) }, PLAIN);
}

/** The tuple of TCP, UDP, UDP-Lite, SCTP and DCCP. */
export function portTuple(family: IpFamily): fc.Arbitrary<PortTuple> {
  return merged(addressTuple(family), fc.record({ sourcePort: u16(), destinationPort: u16() }, PLAIN));
}

/** The tuple of ICMP and ICMPv6. */
export function icmpTuple(family: IpFamily): fc.Arbitrary<IcmpTuple> {
  return merged(addressTuple(family), fc.record({ type: u8(), code: u8(), id: u16() }, PLAIN));
}

/** The GRE tuple of current kernels, which has only keys. */
function greTuple(family: IpFamily): fc.Arbitrary<GreTuple> {
  return merged(addressTuple(family), fc.record({ sourceKey: u32(), destinationKey: u32() }, PLAIN));
}

/** The GRE tuple of the PPTP patches for 2.4 kernels. */
function greTupleWithVersion(family: IpFamily): fc.Arbitrary<GreTuple> {
  return merged(greTuple(family), fc.record({ version: u8(), greProtocol: u32() }, PLAIN));
}

/** The GRE tuple of either kind of kernel. */
export function anyGreTuple(family: IpFamily): fc.Arbitrary<GreTuple> {
  return fc.oneof(greTuple(family), greTupleWithVersion(family));
}

/** The tuple of any protocol. */
export function anyTuple(family: IpFamily): fc.Arbitrary<AnyTuple> {
  return fc.oneof(addressTuple(family), portTuple(family), icmpTuple(family), anyGreTuple(family));
}

/** Two tuples of the same kind. */
export function pairOf<T>(tuple: fc.Arbitrary<T>): fc.Arbitrary<TuplePair<T>> {
  return fc.record({ original: tuple, reply: tuple }, PLAIN);
}

/**
 * A pair of GRE tuples. The reply has a version only if the original has one, because the first version in a line is
 * the original's.
 */
export function grePair(family: IpFamily): fc.Arbitrary<TuplePair<GreTuple>> {
  const versioned = greTupleWithVersion(family);
  return fc.oneof(
    pairOf(greTuple(family)),
    pairOf(versioned),
    fc.record({ original: versioned, reply: greTuple(family) }, PLAIN),
  );
}
