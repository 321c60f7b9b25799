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

/** One object of what two or three arbitraries make. */
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

/** TCP's, UDP's, and so on. */
export function portTuple(family: IpFamily): fc.Arbitrary<PortTuple> {
  return merged(addressTuple(family), fc.record({ sourcePort: u16(), destinationPort: u16() }, PLAIN));
}

/** ICMP's and ICMPv6's. */
export function icmpTuple(family: IpFamily): fc.Arbitrary<IcmpTuple> {
  return merged(addressTuple(family), fc.record({ type: u8(), code: u8(), id: u16() }, PLAIN));
}

/** Today's, with keys alone. */
function greTuple(family: IpFamily): fc.Arbitrary<GreTuple> {
  return merged(addressTuple(family), fc.record({ sourceKey: u32(), destinationKey: u32() }, PLAIN));
}

/** That of the PPTP patches for kernels 2.4. */
function greTupleWithVersion(family: IpFamily): fc.Arbitrary<GreTuple> {
  return merged(greTuple(family), fc.record({ version: u8(), greProtocol: u32() }, PLAIN));
}

/** GRE's, of either age. */
export function anyGreTuple(family: IpFamily): fc.Arbitrary<GreTuple> {
  return fc.oneof(greTuple(family), greTupleWithVersion(family));
}

/** Of any protocol. */
export function anyTuple(family: IpFamily): fc.Arbitrary<AnyTuple> {
  return fc.oneof(addressTuple(family), portTuple(family), icmpTuple(family), anyGreTuple(family));
}

/** Two of a kind. */
export function pairOf<T>(tuple: fc.Arbitrary<T>): fc.Arbitrary<TuplePair<T>> {
  return fc.record({ original: tuple, reply: tuple }, PLAIN);
}

/** GRE's pairs; the reply has a version only where the original has one, for the first version in a line is the original's. */
export function grePair(family: IpFamily): fc.Arbitrary<TuplePair<GreTuple>> {
  const versioned = greTupleWithVersion(family);
  return fc.oneof(
    pairOf(greTuple(family)),
    pairOf(versioned),
    fc.record({ original: versioned, reply: greTuple(family) }, PLAIN),
  );
}
