import fc from 'fast-check';
import type { AddressTuple, ConntrackStatus, EntryBase } from '../conntrack/entry.js';
import { counterFromBigint, type Counter } from '../counter.js';
import { ctime, isBareWord, labels, securityContext, unknownField, word } from './conntrack-texts.js';
import { counter, s32, u16, u32 } from './numbers.js';

/** The fields that entries of every protocol have, except those that protocol and addresses determine. */
export type CommonFields = Omit<
  EntryBase<AddressTuple>,
  'original' | 'reply' | 'protocolNumber' | 'family' | 'status'
> & { status: ConntrackStatus };

/** Seconds: usual values, late timers (negative or wrapped around), and any 64-bit value. */
export function timeoutSeconds(): fc.Arbitrary<Counter> {
  return fc.oneof(
    fc.integer({ min: -5, max: 432000 }),
    fc.constantFrom(42949672, 184467440737095516n),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(counterFromBigint),
  );
}

const optionalFields: fc.Arbitrary<Omit<CommonFields, 'status'>> = fc.record(
  {
    timeoutSeconds: timeoutSeconds(),
    mark: fc.oneof(u32(), s32()),
    securityMark: u32(),
    securityContext: securityContext(),
    zone: u16(),
    originalZone: u16(),
    replyZone: u16(),
    deltaTimeSeconds: counter(),
    startTime: ctime(),
    stopTime: ctime(),
    helper: fc.oneof(fc.constantFrom('ftp', 'Q.931', 'netbios-ns'), word()),
    use: u32(),
    id: u32(),
    labels: labels(),
    extra: fc.array(unknownField(), { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const status: fc.Arbitrary<ConntrackStatus> = fc.record(
  {
    unreplied: fc.boolean(),
    assured: fc.boolean(),
    offload: fc.boolean(),
    hardwareOffload: fc.boolean(),
    unconfirmed: fc.boolean(),
  },
  { noNullPrototype: true },
);

const counters = fc.record({ packets: counter(), bytes: counter() }, { noNullPrototype: true });

/** Each field present or absent. Counters are those of both directions or of none, as in the kernel. */
export function commonFields(): fc.Arbitrary<CommonFields> {
  const accounting = fc.option(fc.tuple(counters, counters), { nil: undefined });
  return fc.tuple(optionalFields, accounting, status).map(([fields, pair, flags]) => ({
    ...sayable(fields),
    ...(pair === undefined ? {} : { originalCounters: pair[0], replyCounters: pair[1] }),
    status: flags,
  }));
}

/** Drops the security context if a bare word follows it: no text can tell them apart. */
function sayable(fields: Omit<CommonFields, 'status'>): Omit<CommonFields, 'status'> {
  const { securityContext: context, ...others } = fields;
  return context === undefined || isBareWord(fields.extra?.[0] ?? '[]') ? others : fields;
}
