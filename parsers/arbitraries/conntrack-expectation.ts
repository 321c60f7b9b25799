import fc from 'fast-check';
import type {
  ConntrackExpectation,
  ExpectationBase,
  ExpectationFlags,
  GreExpectation,
  IcmpExpectation,
  PortExpectation,
  UnknownExpectation,
} from '../conntrack/expectation.js';
import type { AddressTuple } from '../conntrack/entry.js';
import { NAMED_PROTOCOLS, protocolOfNumber, type ProtocolName } from '../conntrack/protocols.js';
import { eventTimestamp, eventType } from './conntrack-event.js';
import { timeoutSeconds } from './conntrack-fields.js';
import { isBareWord, unknownField } from './conntrack-texts.js';
import { addressTuple, anyGreTuple, anyTuple, icmpTuple, merged, portTuple } from './conntrack-tuple.js';
import type { IpFamily } from './ip-address.js';
import { u16, u32, u8 } from './numbers.js';

const PLAIN = { noNullPrototype: true } as const;

/**
 * Any expectation that a line can express: every protocol, masks and masters of any other, flags, policies, events.
 * `parse(format(expectation))` is the same expectation in every `ConntrackExpectationStyle`.
 *
 * No expectation has what no line can express: a policy without a helper, or an unknown bare word in the place of a
 * helper's name.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(conntrackExpectation(), (expectation) =>
 *     isDeepStrictEqual(parseConntrackExpectation(formatConntrackExpectation(expectation)), expectation),
 *   ),
 * );
 * ```
 */
export function conntrackExpectation(): fc.Arbitrary<ConntrackExpectation> {
  const families: readonly IpFamily[] = ['ipv4', 'ipv6'];
  return fc.oneof(...families.flatMap((family) => expectationsOf(family)));
}

type Common = Omit<ExpectationBase<AddressTuple>, 'tuple' | 'protocolNumber'>;

function expectationsOf(family: IpFamily): fc.Arbitrary<ConntrackExpectation>[] {
  const base = common(family);
  const ports: fc.Arbitrary<PortExpectation> = merged(
    named('tcp', 'udp', 'udplite', 'sctp', 'dccp'),
    base,
    fc.record({ tuple: portTuple(family) }, PLAIN),
  );
  const icmp: fc.Arbitrary<IcmpExpectation> = merged(
    named('icmp', 'icmpv6'),
    base,
    fc.record({ tuple: icmpTuple(family) }, PLAIN),
  );
  const gre: fc.Arbitrary<GreExpectation> = merged(
    named('gre'),
    base,
    fc.record({ tuple: anyGreTuple(family) }, PLAIN),
  );
  const unknown: fc.Arbitrary<UnknownExpectation> = merged(
    unknownProtocol(),
    base,
    fc.record({ tuple: addressTuple(family) }, PLAIN),
  );
  return [ports, icmp, gre, unknown];
}

function named<P extends ProtocolName>(
  ...protocols: P[]
): fc.Arbitrary<{ protocol: P; protocolNumber: number }> {
  return fc
    .constantFrom(...protocols)
    .map((protocol) => ({ protocol, protocolNumber: NAMED_PROTOCOLS[protocol].number }));
}

/** Any protocol without a tuple form, and GRE and DCCP as printed by kernels that do not track them. */
function unknownProtocol(): fc.Arbitrary<Pick<UnknownExpectation, 'protocol' | 'protocolNumber'>> {
  const bare = [NAMED_PROTOCOLS.gre.number, NAMED_PROTOCOLS.dccp.number];
  const protocolNumber = u8().filter(
    (number) => bare.includes(number) || protocolOfNumber(number) === 'unknown',
  );
  return fc.record({ protocol: fc.constant('unknown' as const), protocolNumber }, PLAIN);
}

/** A helper's name, which procfs prints as a bare word. */
export function helperName(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('ftp', 'sip', 'Q.931', 'RAS', 'netbios-ns'),
    fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/),
  );
}

function common(family: IpFamily): fc.Arbitrary<Common> {
  const flags: fc.Arbitrary<ExpectationFlags> = fc.record(
    { permanent: fc.boolean(), inactive: fc.boolean(), userspace: fc.boolean() },
    PLAIN,
  );
  const fields = fc.record(
    {
      type: eventType(),
      timestamp: eventTimestamp(),
      family: fc.constant(family),
      timeoutSeconds: timeoutSeconds(),
      mask: anyTuple(family),
      master: anyTuple(family),
      flags,
      zone: u16(),
      class: u32(),
      helper: helperName(),
      policy: helperName(),
      use: u32(),
      extra: fc.array(unknownField(), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['family', 'flags'], ...PLAIN },
  );
  return fields.map(sayable);
}

function sayable(fields: Common): Common {
  const { timestamp, policy, extra, ...others } = fields;
  return {
    ...others,
    ...(timestamp === undefined || fields.type === undefined ? {} : { timestamp }),
    ...(policy === undefined || fields.helper === undefined ? {} : { policy }),
    ...(extra === undefined || (fields.helper === undefined && extra.some(isBareWord)) ? {} : { extra }),
  };
}
