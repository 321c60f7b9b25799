import type {
  AddressTuple,
  ConntrackEntry,
  ConntrackStatus,
  Counters,
  EntryBase,
  GreTuple,
  IcmpTuple,
  PortTuple,
} from '../../../parsers/conntrack/entry.js';
import { NAMED_PROTOCOLS, type ProtocolName } from '../../../parsers/conntrack/protocols.js';
import type { Counter } from '../../../parsers/counter.js';
import { addressText } from '../../../src/kernel/netlink/message/attribute.js';
import type { ConntrackRecord, TupleRecord } from '../../../src/kernel/netlink/conntrack/conntrack-record.js';
import { stateName } from '../../../src/model/states.js';
import { IPS } from './conntrack-status.js';

const MILLISECONDS_A_SECOND = 1000;

/** The values that an entry depends on besides its message. */
export interface EntryContext {
  /** The time of the reading, for `deltaTimeSeconds`. */
  nowMilliseconds: number;
  /** Names of label bits, as `connlabel.conf` has them; bits without one are left out. */
  labelNames?: ReadonlyMap<number, string>;
}

/**
 * A lasting object of a record: the same that the parsers make of the text, with the differences that the interfaces have:
 * - `id` always, `helper`, and `labels` are there; the zone only where it is not the default one (as in `conntrack -L`; /proc
 *   prints `zone=0`);
 * - GRE's own timeouts are not: the kernel does not send them;
 * - `use` counts one reference less: reading /proc holds one, a dump only on the entry at which it is resumed.
 */
export function conntrackEntryOf(record: ConntrackRecord, context: EntryContext): ConntrackEntry {
  const base = baseOf(record, context);
  const { view, original, reply } = record;
  const name = protocolOf(original);
  switch (name) {
    case 'tcp':
    case 'sctp':
    case 'dccp': {
      const state = stateName(name, record.state);
      return {
        protocol: name,
        ...(state === undefined ? {} : { state }),
        ...base,
        original: portTuple(view, original),
        reply: portTuple(view, reply),
      };
    }
    case 'udp':
    case 'udplite':
      return { protocol: name, ...base, original: portTuple(view, original), reply: portTuple(view, reply) };
    case 'icmp':
    case 'icmpv6':
      return { protocol: name, ...base, original: icmpTuple(view, original), reply: icmpTuple(view, reply) };
    case 'gre':
      return { protocol: name, ...base, original: greTuple(view, original), reply: greTuple(view, reply) };
    case undefined:
      return {
        protocol: 'unknown',
        ...base,
        original: addressTuple(view, original),
        reply: addressTuple(view, reply),
      };
  }
}

const NAMES: ReadonlyMap<number, ProtocolName> = new Map(
  (Object.keys(NAMED_PROTOCOLS) as ProtocolName[]).map((name) => [NAMED_PROTOCOLS[name].number, name]),
);

/** The protocol by its name; undefined where the kernel does not track it by more than addresses, as DCCP since Linux 6.16. */
function protocolOf(tuple: TupleRecord): ProtocolName | undefined {
  const name = NAMES.get(tuple.protocolNumber);
  if (name === undefined) return undefined;
  const isWhole =
    NAMED_PROTOCOLS[name].tuple === 'icmp'
      ? tuple.icmpType >= 0 && tuple.icmpCode >= 0 && tuple.icmpId >= 0
      : tuple.sourcePort >= 0 && tuple.destinationPort >= 0;
  return isWhole ? name : undefined;
}

function baseOf(
  record: ConntrackRecord,
  context: EntryContext,
): Omit<EntryBase<AddressTuple>, 'original' | 'reply'> {
  const { original, reply } = record;
  return {
    family: original.addressBytes === 4 ? 'ipv4' : 'ipv6',
    protocolNumber: original.protocolNumber,
    ...present('timeoutSeconds', record.timeoutSeconds),
    ...countersOf('originalCounters', record.originalPackets, record.originalBytes),
    ...countersOf('replyCounters', record.replyPackets, record.replyBytes),
    status: statusOf(record.status),
    ...present('mark', record.mark),
    ...given('securityContext', record.securityContext),
    ...present('zone', record.zone),
    ...present('originalZone', original.zone),
    ...present('replyZone', reply.zone),
    ...present('deltaTimeSeconds', ageOf(record, context)),
    ...given('helper', record.helper),
    ...present('use', record.use),
    ...present('id', record.id),
    ...given('labels', labelsOf(record, context)),
  };
}

/** A field, where the number is there. */
function present<Key extends string>(key: Key, value: number): Partial<Record<Key, number>> {
  return value < 0 ? {} : ({ [key]: value } as Partial<Record<Key, number>>);
}

function given<Key extends string, T>(key: Key, value: T | undefined): Partial<Record<Key, T>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<Key, T>>);
}

function countersOf<Key extends string>(
  key: Key,
  packets: Counter | undefined,
  bytes: Counter | undefined,
): Partial<Record<Key, Counters>> {
  return given(key, packets === undefined || bytes === undefined ? undefined : { packets, bytes });
}

/** As the text shows it: an offload mark hides `[ASSURED]` and the lesser mark. Without `CTA_STATUS` nothing is known to be. */
function statusOf(status: number): ConntrackStatus {
  const has = (bit: number): boolean => status >= 0 && (status & bit) !== 0;
  const hardwareOffload = has(IPS.hardwareOffload);
  const offload = has(IPS.offload) && !hardwareOffload;
  return {
    unreplied: status >= 0 && !has(IPS.seenReply),
    assured: has(IPS.assured) && !offload && !hardwareOffload,
    offload,
    hardwareOffload,
    unconfirmed: false,
  };
}

/** The age, or for an entry that has ended its duration, in whole seconds; -1 without timestamps. */
function ageOf(
  { startMilliseconds, stopMilliseconds }: ConntrackRecord,
  { nowMilliseconds }: EntryContext,
): number {
  if (startMilliseconds < 0) return -1;
  const end = stopMilliseconds < 0 ? nowMilliseconds : stopMilliseconds;
  return Math.max(0, Math.floor((end - startMilliseconds) / MILLISECONDS_A_SECOND));
}

function labelsOf({ labelBits }: ConntrackRecord, { labelNames }: EntryContext): string[] | undefined {
  if (labelBits === undefined) return undefined;
  return labelBits.map((bit) => labelNames?.get(bit)).filter((name) => name !== undefined);
}

function addressTuple(view: DataView, tuple: TupleRecord): AddressTuple {
  return {
    source: addressText(view, tuple.sourceAt, tuple.addressBytes),
    destination: addressText(view, tuple.destinationAt, tuple.addressBytes),
  };
}

/** A reply tuple that lacks what the original has is none that a kernel makes: 0 stands for it. */
function orZero(value: number): number {
  return Math.max(value, 0);
}

function portTuple(view: DataView, tuple: TupleRecord): PortTuple {
  return {
    ...addressTuple(view, tuple),
    sourcePort: orZero(tuple.sourcePort),
    destinationPort: orZero(tuple.destinationPort),
  };
}

function icmpTuple(view: DataView, tuple: TupleRecord): IcmpTuple {
  return {
    ...addressTuple(view, tuple),
    type: orZero(tuple.icmpType),
    code: orZero(tuple.icmpCode),
    id: orZero(tuple.icmpId),
  };
}

function greTuple(view: DataView, tuple: TupleRecord): GreTuple {
  return {
    ...addressTuple(view, tuple),
    sourceKey: orZero(tuple.sourcePort),
    destinationKey: orZero(tuple.destinationPort),
  };
}
