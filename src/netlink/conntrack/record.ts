import type { Counter } from '../../../parsers/counter.js';
import { ATTRIBUTE_HEADER_BYTES, attributeLength, attributeType, expectPayload } from '../attribute.js';
import { readU64Network } from '../byte-order.js';
import { malformed } from '../errors.js';
import { align } from '../message.js';
import { CTA, CTA_COUNTERS, CTA_NAME, CTA_PROTOINFO_STATE, CTA_TIMESTAMP } from './attributes.js';
import { ABSENT, TupleRecord } from './tuple-record.js';

/** `struct nfgenmsg`: family, version, resource id. */
export const NFGENMSG_BYTES = 4;

/** Packets and bytes of one direction; meaningless unless {@link CountersRecord.isKnown}. */
export class CountersRecord {
  isKnown = false;
  packets: Counter = 0;
  bytes: Counter = 0;

  /** @throws NetlinkError `malformed` */
  read(view: DataView, start: number, end: number): void {
    this.isKnown = true;
    this.packets = 0;
    this.bytes = 0;
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const inner = at + ATTRIBUTE_HEADER_BYTES;
      switch (attributeType(view, at)) {
        case CTA_COUNTERS.packets:
          expectPayload('CTA_COUNTERS_PACKETS', at, length, 8);
          this.packets = readU64Network(view, inner);
          break;
        case CTA_COUNTERS.bytes:
          expectPayload('CTA_COUNTERS_BYTES', at, length, 8);
          this.bytes = readU64Network(view, inner);
          break;
        case CTA_COUNTERS.packets32:
          expectPayload('CTA_COUNTERS32_PACKETS', at, length, 4);
          this.packets = view.getUint32(inner);
          break;
        case CTA_COUNTERS.bytes32:
          expectPayload('CTA_COUNTERS32_BYTES', at, length, 4);
          this.bytes = view.getUint32(inner);
          break;
      }
      at += align(length);
    }
  }
}

/**
 * One ctnetlink message, as numbers and offsets: no object is made for it. Reused from message to message, so copy what is
 * to be kept; `conntrackEntryOf` makes a lasting object of it.
 *
 * {@link ABSENT} (-1) stands for what the message does not have.
 */
export class ConntrackRecord {
  /** What the offsets point into. */
  view: DataView = new DataView(new ArrayBuffer(0));
  readonly original: TupleRecord = new TupleRecord();
  readonly reply: TupleRecord = new TupleRecord();
  readonly originalCounters: CountersRecord = new CountersRecord();
  readonly replyCounters: CountersRecord = new CountersRecord();
  /** `enum ip_conntrack_status`, a bit set. */
  status: number = ABSENT;
  timeoutSeconds: number = ABSENT;
  /** The number of the protocol's own state, such as `enum tcp_conntrack`. */
  state: number = ABSENT;
  mark: number = ABSENT;
  use: number = ABSENT;
  id: number = ABSENT;
  /** `CTA_ZONE`: of both directions; absent for the default zone. */
  zone: number = ABSENT;
  /** Milliseconds since 1970, with fractions. */
  startMilliseconds: number = ABSENT;
  stopMilliseconds: number = ABSENT;
  /** Where the attributes `CTA_HELP_NAME`, `CTA_SECCTX_NAME` and `CTA_LABELS` start, and their lengths. */
  helperAt: number = ABSENT;
  helperLength = 0;
  secctxAt: number = ABSENT;
  secctxLength = 0;
  labelsAt: number = ABSENT;
  labelsLength = 0;

  /**
   * Reads the payload of a message of type `IPCTNL_MSG_CT_NEW` (an entry of a dump too) or `IPCTNL_MSG_CT_DELETE`.
   * @throws NetlinkError `malformed`
   */
  read(view: DataView, start: number, end: number): void {
    if (end - start < NFGENMSG_BYTES)
      throw malformed(`${end - start} bytes where struct nfgenmsg has to be`, start);
    this.clear(view);
    let tuples = 0;
    for (let at = start + NFGENMSG_BYTES; at < end;) {
      const length = attributeLength(view, at, end);
      const type = attributeType(view, at);
      if (type === CTA.tupleOrig || type === CTA.tupleReply) {
        const tuple = type === CTA.tupleOrig ? this.original : this.reply;
        tuple.read(view, at + ATTRIBUTE_HEADER_BYTES, at + length);
        tuples |= type;
      } else this.readAttribute(view, type, at, length);
      at += align(length);
    }
    if (tuples !== (CTA.tupleOrig | CTA.tupleReply))
      throw malformed('an entry without its two tuples', start);
    if (this.original.addressBytes !== this.reply.addressBytes) {
      throw malformed('an entry whose tuples are of two families', start);
    }
  }

  private clear(view: DataView): void {
    this.view = view;
    this.originalCounters.isKnown = false;
    this.replyCounters.isKnown = false;
    this.status = ABSENT;
    this.timeoutSeconds = ABSENT;
    this.state = ABSENT;
    this.mark = ABSENT;
    this.use = ABSENT;
    this.id = ABSENT;
    this.zone = ABSENT;
    this.startMilliseconds = ABSENT;
    this.stopMilliseconds = ABSENT;
    this.helperAt = ABSENT;
    this.secctxAt = ABSENT;
    this.labelsAt = ABSENT;
  }

  private readAttribute(view: DataView, type: number, at: number, length: number): void {
    const inner = at + ATTRIBUTE_HEADER_BYTES;
    const end = at + length;
    switch (type) {
      case CTA.status:
        this.status = readU32Network(view, 'CTA_STATUS', at, length);
        break;
      case CTA.timeout:
        this.timeoutSeconds = readU32Network(view, 'CTA_TIMEOUT', at, length);
        break;
      case CTA.mark:
        this.mark = readU32Network(view, 'CTA_MARK', at, length);
        break;
      case CTA.use:
        this.use = readU32Network(view, 'CTA_USE', at, length);
        break;
      case CTA.id:
        this.id = readU32Network(view, 'CTA_ID', at, length);
        break;
      case CTA.countersOrig:
        this.originalCounters.read(view, inner, end);
        break;
      case CTA.countersReply:
        this.replyCounters.read(view, inner, end);
        break;
      case CTA.protoinfo:
        this.readState(view, inner, end);
        break;
      case CTA.zone:
        expectPayload('CTA_ZONE', at, length, 2);
        this.zone = view.getUint16(inner);
        break;
      default:
        this.readRare(view, type, at, length);
    }
  }

  private readRare(view: DataView, type: number, at: number, length: number): void {
    const inner = at + ATTRIBUTE_HEADER_BYTES;
    const end = at + length;
    switch (type) {
      case CTA.timestamp:
        this.readTimestamps(view, inner, end);
        break;
      case CTA.labels:
        this.labelsAt = at;
        this.labelsLength = length;
        break;
      case CTA.help:
        this.helperAt = nameAttribute(view, inner, end);
        this.helperLength = this.helperAt < 0 ? 0 : attributeLength(view, this.helperAt, end);
        break;
      case CTA.secctx:
        this.secctxAt = nameAttribute(view, inner, end);
        this.secctxLength = this.secctxAt < 0 ? 0 : attributeLength(view, this.secctxAt, end);
        break;
    }
  }

  /** `CTA_PROTOINFO` holds one attribute, the protocol's, which holds the state and more. */
  private readState(view: DataView, start: number, end: number): void {
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const protocolEnd = at + length;
      for (let part = at + ATTRIBUTE_HEADER_BYTES; part < protocolEnd;) {
        const partLength = attributeLength(view, part, protocolEnd);
        if (attributeType(view, part) === CTA_PROTOINFO_STATE) {
          expectPayload('a protocol state', part, partLength, 1);
          this.state = view.getUint8(part + ATTRIBUTE_HEADER_BYTES);
        }
        part += align(partLength);
      }
      at += align(length);
    }
  }

  private readTimestamps(view: DataView, start: number, end: number): void {
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const type = attributeType(view, at);
      if (type === CTA_TIMESTAMP.start || type === CTA_TIMESTAMP.stop) {
        expectPayload('a timestamp', at, length, 8);
        const milliseconds = readNanoseconds(view, at + ATTRIBUTE_HEADER_BYTES);
        if (type === CTA_TIMESTAMP.start) this.startMilliseconds = milliseconds;
        else this.stopMilliseconds = milliseconds;
      }
      at += align(length);
    }
  }
}

const NANOSECONDS_A_MILLISECOND = 1e6;

/** A double holds today's nanoseconds to within 256. */
function readNanoseconds(view: DataView, at: number): number {
  return Number(readU64Network(view, at)) / NANOSECONDS_A_MILLISECOND;
}

function readU32Network(view: DataView, name: string, at: number, length: number): number {
  expectPayload(name, at, length, 4);
  return view.getUint32(at + ATTRIBUTE_HEADER_BYTES);
}

/** Where the name in `CTA_HELP` or `CTA_SECCTX` is. */
function nameAttribute(view: DataView, start: number, end: number): number {
  let found = ABSENT;
  for (let at = start; at < end;) {
    const length = attributeLength(view, at, end);
    if (attributeType(view, at) === CTA_NAME) found = at;
    at += align(length);
  }
  return found;
}
