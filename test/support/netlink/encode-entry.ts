import { parseIpAddress } from '../../../parsers/address.js';
import type {
  AddressTuple,
  ConntrackEntry,
  Counters,
  GreTuple,
  IcmpTuple,
  PortTuple,
} from '../../../parsers/conntrack/entry.js';
import {
  CTA,
  CTA_COUNTERS,
  CTA_IP,
  CTA_NAME,
  CTA_PROTOINFO_STATE,
  CTA_PROTOINFO_TCP,
  CTA_PROTO,
  CTA_TIMESTAMP,
  CTA_TUPLE,
} from '../../../src/kernel/netlink/conntrack/ctnetlink-constants.js';
import { IPS } from './conntrack-status.js';
import { encodeAttributes, type Attribute } from './encode-attributes.js';

type Tuple = AddressTuple | PortTuple | IcmpTuple | GreTuple;

/** `CTA_COUNTERS_PAD`: 64-bit values are aligned by empty attributes. */
const CTA_COUNTERS_PAD = 5;
/** `CTA_PROTOINFO_TCP`, `…_DCCP`, `…_SCTP` */
const PROTOINFO = { tcp: 1, dccp: 2, sctp: 3 } as const;

function big(bytes: 2 | 4 | 8, value: number | bigint): Uint8Array {
  const payload = new Uint8Array(8);
  new DataView(payload.buffer).setBigUint64(0, BigInt(value));
  return payload.subarray(8 - bytes);
}

function attribute(type: number, payload: Uint8Array | readonly Attribute[]): Attribute {
  return { type, payload };
}

function optional(type: number, bytes: 2 | 4 | 8, value: number | bigint | undefined): Attribute[] {
  return value === undefined ? [] : [attribute(type, big(bytes, value))];
}

function named(type: number, name: string | undefined): Attribute[] {
  return name === undefined ? [] : [attribute(type, [attribute(CTA_NAME, Buffer.from(`${name}\0`))])];
}

function address(type4: number, type6: number, text: string): Attribute {
  const bytes = parseIpAddress(text) ?? new Uint8Array();
  return attribute(bytes.length === 4 ? type4 : type6, bytes);
}

function parts(tuple: Tuple, protocolNumber: number): Attribute[] {
  const found = [attribute(CTA_PROTO.num, Uint8Array.of(protocolNumber))];
  if ('sourcePort' in tuple) {
    found.push(attribute(CTA_PROTO.srcPort, big(2, tuple.sourcePort)));
    found.push(attribute(CTA_PROTO.dstPort, big(2, tuple.destinationPort)));
  } else if ('sourceKey' in tuple) {
    found.push(attribute(CTA_PROTO.srcPort, big(2, tuple.sourceKey)));
    found.push(attribute(CTA_PROTO.dstPort, big(2, tuple.destinationKey)));
  } else if ('type' in tuple) {
    const shift = protocolNumber === 1 ? 0 : CTA_PROTO.icmpv6Id - CTA_PROTO.icmpId;
    found.push(attribute(CTA_PROTO.icmpId + shift, big(2, tuple.id)));
    found.push(attribute(CTA_PROTO.icmpType + shift, Uint8Array.of(tuple.type)));
    found.push(attribute(CTA_PROTO.icmpCode + shift, Uint8Array.of(tuple.code)));
  }
  return found;
}

function tuple(type: number, value: Tuple, protocolNumber: number, zone: number | undefined): Attribute {
  return attribute(type, [
    attribute(CTA_TUPLE.ip, [
      address(CTA_IP.v4Src, CTA_IP.v6Src, value.source),
      address(CTA_IP.v4Dst, CTA_IP.v6Dst, value.destination),
    ]),
    attribute(CTA_TUPLE.proto, parts(value, protocolNumber)),
    ...optional(CTA_TUPLE.zone, 2, zone),
  ]);
}

function counters(type: number, value: Counters | undefined): Attribute[] {
  if (value === undefined) return [];
  return [
    attribute(type, [
      attribute(CTA_COUNTERS.packets, big(8, value.packets)),
      attribute(CTA_COUNTERS_PAD, new Uint8Array()),
      attribute(CTA_COUNTERS.bytes, big(8, value.bytes)),
    ]),
  ];
}

/** The contents of a message besides an entry's fields. */
export interface Extras {
  /** The number of `entry.state`. */
  state?: number;
  /** `CTA_PROTOINFO_TCP_FLAGS_ORIGINAL`, beside a state. Other protocols get it too, where the number means something else. */
  tcpFlags?: number;
  startNanoseconds?: bigint;
  /** The payload of `CTA_LABELS`. */
  labels?: Uint8Array;
}

/** The payload of the message in which a kernel would send this entry. */
export function encodeEntry(entry: ConntrackEntry, extras: Extras = {}): Uint8Array {
  const { status, protocolNumber } = entry;
  const bits =
    (status.unreplied ? 0 : IPS.seenReply) |
    (status.assured ? IPS.assured : 0) |
    (status.offload ? IPS.offload : 0) |
    (status.hardwareOffload ? IPS.hardwareOffload | IPS.offload : 0);
  const stateful = entry.protocol === 'tcp' || entry.protocol === 'sctp' || entry.protocol === 'dccp';
  const attributes = [
    tuple(CTA.tupleOrig, entry.original, protocolNumber, entry.originalZone),
    tuple(CTA.tupleReply, entry.reply, protocolNumber, entry.replyZone),
    ...optional(CTA.zone, 2, entry.zone),
    attribute(CTA.status, big(4, bits)),
    ...optional(CTA.mark, 4, entry.mark),
    ...named(CTA.secctx, entry.securityContext),
    ...optional(CTA.id, 4, entry.id),
    ...optional(CTA.use, 4, entry.use),
    ...optional(CTA.timeout, 4, entry.timeoutSeconds),
    ...(stateful && extras.state !== undefined
      ? [
          attribute(CTA.protoinfo, [
            attribute(PROTOINFO[entry.protocol], [
              attribute(CTA_PROTOINFO_STATE, Uint8Array.of(extras.state)),
              ...(extras.tcpFlags === undefined
                ? []
                : [attribute(CTA_PROTOINFO_TCP.flagsOriginal, Uint8Array.of(extras.tcpFlags, 0))]),
            ]),
          ]),
        ]
      : []),
    ...counters(CTA.countersOrig, entry.originalCounters),
    ...counters(CTA.countersReply, entry.replyCounters),
    ...(extras.startNanoseconds === undefined
      ? []
      : [attribute(CTA.timestamp, [attribute(CTA_TIMESTAMP.start, big(8, extras.startNanoseconds))])]),
    ...named(CTA.help, entry.helper),
    ...(extras.labels === undefined ? [] : [attribute(CTA.labels, extras.labels)]),
  ];
  const family = entry.family === 'ipv4' ? 2 : 10;
  return Buffer.concat([Uint8Array.of(family, 0, 0, 0), encodeAttributes(attributes)]);
}
