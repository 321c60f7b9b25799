import fc from 'fast-check';
import type { ConntrackEntry, ConntrackProtocol, GreEntry, UnknownEntry } from '../conntrack/entry.js';
import { isNamedProtocol, NAMED_PROTOCOLS, type ProtocolName } from '../conntrack/protocols.js';
import { commonFields, type CommonFields } from './conntrack-fields.js';
import { stateName } from './conntrack-texts.js';
import { addressTuple, grePair, icmpTuple, merged, pairOf, portTuple } from './conntrack-tuple.js';
import type { IpFamily } from './ip-address.js';
import { u32, u8 } from './numbers.js';

/** Limits the entries that {@link conntrackEntry} makes. */
export interface ConntrackEntryConstraints<P extends ConntrackProtocol = ConntrackProtocol> {
  /** The family of all addresses; any by default. */
  family?: IpFamily;
  /** The protocol; any by default. */
  protocol?: P;
}

const PLAIN = { noNullPrototype: true } as const;

/**
 * Any entry that a line can express: every protocol, each field present or absent, counters to 2^64−1, late timers,
 * security contexts with blanks, unknown fields. `parse(format(entry))` is the same entry in every `ConntrackStyle`.
 *
 * No entry has what no line can express: counters of one direction only, a bare word as the first unknown field right
 * after a security context, a label that contains a comma or has no name. Shrinks towards an entry with only its
 * tuples.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackEntry({ protocol: 'tcp' }), (entry) =>
 *     isDeepStrictEqual(parseConntrackLine(formatConntrackEntry(entry)), entry),
 *   ),
 * );
 * ```
 */
export function conntrackEntry<P extends ConntrackProtocol = ConntrackProtocol>(
  constraints: ConntrackEntryConstraints<P> = {},
): fc.Arbitrary<Extract<ConntrackEntry, Record<'protocol', P>>> {
  const { family, protocol } = constraints;
  const families: readonly IpFamily[] = family === undefined ? ['ipv4', 'ipv6'] : [family];
  const entries = families.flatMap((each): fc.Arbitrary<ConntrackEntry>[] => {
    const makers = entriesOf(each);
    return protocol === undefined ? Object.values(makers) : [makers[protocol]];
  });
  return fc.oneof(...entries) as fc.Arbitrary<Extract<ConntrackEntry, Record<'protocol', P>>>;
}

type EntryArbitraries = {
  readonly [P in ConntrackProtocol]: fc.Arbitrary<Extract<ConntrackEntry, Record<'protocol', P>>>;
};

function entriesOf(family: IpFamily): EntryArbitraries {
  const base = commonFields().map((fields): CommonFields & { family: IpFamily } => ({ ...fields, family }));
  const state = fc.record({ state: stateName() }, { requiredKeys: [], ...PLAIN });
  const ports = merged(base, pairOf(portTuple(family)));
  const icmp = merged(base, pairOf(icmpTuple(family)));
  return {
    tcp: merged(named('tcp'), state, ports),
    sctp: merged(named('sctp'), state, ports),
    dccp: merged(named('dccp'), state, ports),
    udp: merged(named('udp'), ports),
    udplite: merged(named('udplite'), ports),
    icmp: merged(named('icmp'), icmp),
    icmpv6: merged(named('icmpv6'), icmp),
    gre: merged(named('gre'), greTimeouts(), merged(base, grePair(family))),
    unknown: merged(unknownProtocol(), state, merged(base, pairOf(addressTuple(family)))),
  };
}

function named<P extends ProtocolName>(protocol: P): fc.Arbitrary<{ protocol: P; protocolNumber: number }> {
  return fc.constant({ protocol, protocolNumber: NAMED_PROTOCOLS[protocol].number });
}

type UnknownProtocol = Pick<UnknownEntry, 'protocol' | 'protocolNumber' | 'protocolName'>;

/** A protocol without a name, one with a vendor's name, or DCCP as it was printed before it had ports. */
function unknownProtocol(): fc.Arbitrary<UnknownProtocol> {
  const protocol = fc.constant('unknown' as const);
  const protocolName = fc
    .oneof(fc.constantFrom('esp', 'vrrp', 'ESP'), fc.stringMatching(/^[a-z][a-z0-9_.-]{0,9}$/))
    // In lines without a prefix, a family would stand in place of the name.
    .filter((name) => !isNamedProtocol(name) && !['unknown', 'ipv4', 'ipv6'].includes(name));
  return fc.oneof(
    fc.record({ protocol, protocolNumber: u8() }, PLAIN),
    fc.record({ protocol, protocolNumber: u8(), protocolName }, PLAIN),
    fc.constant({ protocol: 'unknown' as const, protocolNumber: 33, protocolName: 'dccp' }),
  );
}

function greTimeouts(): fc.Arbitrary<Pick<GreEntry, 'greTimeouts'>> {
  const timeouts = fc.record({ timeoutSeconds: u32(), streamTimeoutSeconds: u32() }, PLAIN);
  return fc.record({ greTimeouts: timeouts }, { requiredKeys: [], ...PLAIN });
}
