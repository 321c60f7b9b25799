import fc from 'fast-check';
import { formatIpAddress } from '../../parsers/address.js';
import type {
  AddressTuple,
  ConntrackEntry,
  ConntrackStatus,
  EntryBase,
  GreTuple,
  IcmpTuple,
  PortTuple,
} from '../../parsers/conntrack/entry.js';
import { counterFromBigint, type Counter } from '../../parsers/counter.js';

type Family = 'ipv4' | 'ipv6';

/** Any kernel counter: small ones, ones past 2^53, and the extremes. */
export const arbitraryCounter: fc.Arbitrary<Counter> = fc
  .oneof(fc.bigInt(0n, 5000n), fc.bigInt(0n, 2n ** 64n - 1n))
  .map(counterFromBigint);

/** Any address of a family, as canonical text. */
export function arbitraryAddress(family: Family): fc.Arbitrary<string> {
  const size = family === 'ipv4' ? 4 : 16;
  const byte = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
  return fc
    .array(byte, { minLength: size, maxLength: size })
    .map((bytes) => formatIpAddress(Uint8Array.from(bytes)));
}

const port = fc.integer({ min: 0, max: 65535 });
const u8 = fc.integer({ min: 0, max: 255 });
const u32 = fc.integer({ min: 0, max: 4294967295 });

function tuple(family: Family): fc.Arbitrary<AddressTuple> {
  return fc.record({ source: arbitraryAddress(family), destination: arbitraryAddress(family) });
}

function withPorts(family: Family): fc.Arbitrary<PortTuple> {
  return fc
    .tuple(tuple(family), port, port)
    .map(([ends, sourcePort, destinationPort]) => ({ ...ends, sourcePort, destinationPort }));
}

function withIcmp(family: Family): fc.Arbitrary<IcmpTuple> {
  return fc.tuple(tuple(family), u8, u8, port).map(([ends, type, code, id]) => ({ ...ends, type, code, id }));
}

function withGre(family: Family): fc.Arbitrary<GreTuple> {
  return fc
    .tuple(tuple(family), port, port)
    .map(([ends, sourceKey, destinationKey]) => ({ ...ends, sourceKey, destinationKey }));
}

const status: fc.Arbitrary<ConntrackStatus> = fc.record({
  unreplied: fc.boolean(),
  assured: fc.boolean(),
  offload: fc.boolean(),
  hardwareOffload: fc.boolean(),
  unconfirmed: fc.boolean(),
});

const counters = fc.record({ packets: arbitraryCounter, bytes: arbitraryCounter });

/** What entries of all protocols may have, the tuples aside; each field there or not. */
function base(
  family: Family,
): fc.Arbitrary<Omit<EntryBase<AddressTuple>, 'original' | 'reply' | 'protocolNumber'>> {
  const optional = fc.record(
    {
      timeoutSeconds: fc.integer({ min: -5, max: 432000 }),
      mark: u32,
      securityMark: u32,
      securityContext: fc.constantFrom(
        'null',
        'system_u:object_r:unlabeled_t:s0:c0.c1023,c5',
        '/usr/bin/x (enforce)',
      ),
      zone: port,
      originalZone: port,
      replyZone: port,
      deltaTimeSeconds: arbitraryCounter,
      startTime: fc.constant('Thu Feb 17 17:41:18 2011'),
      stopTime: fc.constant('Mon Nov  3 01:02:03 2025'),
      helper: fc.constantFrom('ftp', 'Q.931', 'netbios-ns'),
      use: u32,
      id: u32,
      labels: fc.subarray(['one', 'bulk traffic', 'two']),
      extra: fc.subarray(['l7proto=http', '[FASTNAT]', '[RTCACHE o33/r37]', 'attrs=', 'iqprio=0'], {
        minLength: 1,
      }),
    },
    { requiredKeys: [] },
  );
  const accounting = fc.option(fc.tuple(counters, counters), { nil: undefined });
  return fc.tuple(optional, accounting, status).map(([fields, pair, flags]) => ({
    ...fields,
    ...(pair === undefined ? {} : { originalCounters: pair[0], replyCounters: pair[1] }),
    status: flags,
    family,
  }));
}

const state = fc.record(
  { state: fc.constantFrom('ESTABLISHED', 'SYN_SENT2', 'TIME_WAIT', 'HEARTBEAT_ACKED') },
  { requiredKeys: [] },
);

function entryOf(family: Family): fc.Arbitrary<ConntrackEntry> {
  const common = base(family);
  const ports = fc.tuple(common, withPorts(family), withPorts(family), state);
  const icmp = fc.tuple(common, withIcmp(family), withIcmp(family));
  const greTimeouts = fc.record(
    { greTimeouts: fc.record({ timeoutSeconds: u32, streamTimeoutSeconds: u32 }) },
    { requiredKeys: [] },
  );
  return fc.oneof(
    ports.map(([b, original, reply, s]) => ({
      protocol: 'tcp' as const,
      protocolNumber: 6,
      ...s,
      ...b,
      original,
      reply,
    })),
    ports.map(([b, original, reply, s]) => ({
      protocol: 'sctp' as const,
      protocolNumber: 132,
      ...s,
      ...b,
      original,
      reply,
    })),
    ports.map(([b, original, reply, s]) => ({
      protocol: 'dccp' as const,
      protocolNumber: 33,
      ...s,
      ...b,
      original,
      reply,
    })),
    ports.map(([b, original, reply]) => ({
      protocol: 'udp' as const,
      protocolNumber: 17,
      ...b,
      original,
      reply,
    })),
    ports.map(([b, original, reply]) => ({
      protocol: 'udplite' as const,
      protocolNumber: 136,
      ...b,
      original,
      reply,
    })),
    icmp.map(([b, original, reply]) => ({
      protocol: 'icmp' as const,
      protocolNumber: 1,
      ...b,
      original,
      reply,
    })),
    icmp.map(([b, original, reply]) => ({
      protocol: 'icmpv6' as const,
      protocolNumber: 58,
      ...b,
      original,
      reply,
    })),
    fc.tuple(common, withGre(family), withGre(family), greTimeouts).map(([b, original, reply, t]) => ({
      protocol: 'gre' as const,
      protocolNumber: 47,
      ...b,
      ...t,
      original,
      reply,
    })),
    fc
      .tuple(common, tuple(family), tuple(family), u8, state)
      .map(([b, original, reply, protocolNumber, s]) => ({
        protocol: 'unknown' as const,
        protocolNumber,
        ...s,
        ...b,
        original,
        reply,
      })),
  );
}

/** Any entry of any protocol, IPv4 and IPv6. */
export const arbitraryEntry: fc.Arbitrary<ConntrackEntry> = fc
  .oneof(entryOf('ipv4'), entryOf('ipv6'))
  // fast-check makes some objects without a prototype, which deepEqual tells from the parser's plain ones.
  .map((entry) => structuredClone(entry));
