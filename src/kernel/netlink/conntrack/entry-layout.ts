import { malformed } from '../netlink-error.js';
import { ABSENT, type AttributeWalk } from './attribute-walk.js';
import {
  CTA,
  CTA_COUNTERS,
  CTA_NAME,
  CTA_PROTOINFO_STATE,
  CTA_PROTOINFO_TCP,
  CTA_TIMESTAMP,
  NFGENMSG_BYTES,
} from './ctnetlink-constants.js';
import { readTupleLayout, TupleLayout } from './tuple-layout.js';

/** The offsets of one direction's counters. */
export class CountersLayout {
  packetsAt: number = ABSENT;
  bytesAt: number = ABSENT;
  /** `CTA_COUNTERS32_*`, which kernels before 2.6.29 send instead. */
  packets32At: number = ABSENT;
  bytes32At: number = ABSENT;
}

/** The offset and the length of a text or bit set. */
export class BytesLayout {
  at: number = ABSENT;
  length = 0;
}

/** The offsets of the fields in a ctnetlink message, counted from the start of its payload. */
export class EntryLayout {
  readonly original: TupleLayout = new TupleLayout();
  readonly reply: TupleLayout = new TupleLayout();
  readonly originalCounters: CountersLayout = new CountersLayout();
  readonly replyCounters: CountersLayout = new CountersLayout();
  readonly helper: BytesLayout = new BytesLayout();
  readonly secctx: BytesLayout = new BytesLayout();
  readonly labels: BytesLayout = new BytesLayout();
  statusAt: number = ABSENT;
  timeoutAt: number = ABSENT;
  stateAt: number = ABSENT;
  tcpFlagsOriginalAt: number = ABSENT;
  markAt: number = ABSENT;
  useAt: number = ABSENT;
  idAt: number = ABSENT;
  zoneAt: number = ABSENT;
  startAt: number = ABSENT;
  stopAt: number = ABSENT;
}

/**
 * Finds the fields of the payload of `length` bytes at the walk's base.
 * @throws NetlinkError `malformed` for attributes that overrun, are too short for their type, or lack a tuple
 */
export function readEntryLayout(walk: AttributeWalk, length: number): EntryLayout {
  const layout = new EntryLayout();
  if (length < NFGENMSG_BYTES) throw malformed(`${length} bytes where struct nfgenmsg has to be`, walk.base);
  walk.each(NFGENMSG_BYTES, length, (type, at, size) => {
    if (type === CTA.tupleOrig) readTupleLayout(walk, layout.original, at, size);
    else if (type === CTA.tupleReply) readTupleLayout(walk, layout.reply, at, size);
    else if (!readNumber(walk, layout, type, at, size)) readNested(walk, layout, type, at, size);
  });
  if (layout.original.addressBytes === 0 || layout.reply.addressBytes === 0) {
    throw malformed('an entry without its two tuples', walk.base);
  }
  if (layout.original.addressBytes !== layout.reply.addressBytes) {
    throw malformed('an entry whose tuples are of two families', walk.base);
  }
  return layout;
}

function readNumber(
  walk: AttributeWalk,
  layout: EntryLayout,
  type: number,
  at: number,
  size: number,
): boolean {
  switch (type) {
    case CTA.status:
      layout.statusAt = walk.fixed('CTA_STATUS', at, size, 4);
      return true;
    case CTA.timeout:
      layout.timeoutAt = walk.fixed('CTA_TIMEOUT', at, size, 4);
      return true;
    case CTA.mark:
      layout.markAt = walk.fixed('CTA_MARK', at, size, 4);
      return true;
    case CTA.use:
      layout.useAt = walk.fixed('CTA_USE', at, size, 4);
      return true;
    case CTA.id:
      layout.idAt = walk.fixed('CTA_ID', at, size, 4);
      return true;
    case CTA.zone:
      layout.zoneAt = walk.fixed('CTA_ZONE', at, size, 2);
      return true;
    default:
      return false;
  }
}

function readNested(walk: AttributeWalk, layout: EntryLayout, type: number, at: number, size: number): void {
  switch (type) {
    case CTA.countersOrig:
      readCounters(walk, layout.originalCounters, at, size);
      break;
    case CTA.countersReply:
      readCounters(walk, layout.replyCounters, at, size);
      break;
    case CTA.protoinfo:
      readProtocolInfo(walk, layout, at, size);
      break;
    case CTA.timestamp:
      walk.each(at, at + size, (part, partAt, partSize) => {
        if (part === CTA_TIMESTAMP.start)
          layout.startAt = walk.fixed('CTA_TIMESTAMP_START', partAt, partSize, 8);
        else if (part === CTA_TIMESTAMP.stop)
          layout.stopAt = walk.fixed('CTA_TIMESTAMP_STOP', partAt, partSize, 8);
      });
      break;
    case CTA.labels:
      setBytes(layout.labels, at, size);
      break;
    case CTA.help:
      readName(walk, layout.helper, at, size);
      break;
    case CTA.secctx:
      readName(walk, layout.secctx, at, size);
      break;
  }
}

/** `CTA_PROTOINFO` holds one attribute, named after the protocol, which holds the protocol's state and more. */
function readProtocolInfo(walk: AttributeWalk, layout: EntryLayout, at: number, size: number): void {
  walk.each(at, at + size, (protocol, protocolAt, protocolSize) => {
    const isTcp = protocol === CTA_PROTOINFO_TCP.itself;
    walk.each(protocolAt, protocolAt + protocolSize, (part, partAt, partSize) => {
      if (part === CTA_PROTOINFO_STATE) {
        layout.stateAt = walk.fixed('a protocol state', partAt, partSize, 1);
      } else if (isTcp && part === CTA_PROTOINFO_TCP.flagsOriginal) {
        layout.tcpFlagsOriginalAt = walk.fixed('CTA_PROTOINFO_TCP_FLAGS_ORIGINAL', partAt, partSize, 2);
      }
    });
  });
}

function readCounters(walk: AttributeWalk, layout: CountersLayout, at: number, size: number): void {
  walk.each(at, at + size, (type, partAt, partSize) => {
    if (type === CTA_COUNTERS.packets)
      layout.packetsAt = walk.fixed('CTA_COUNTERS_PACKETS', partAt, partSize, 8);
    else if (type === CTA_COUNTERS.bytes)
      layout.bytesAt = walk.fixed('CTA_COUNTERS_BYTES', partAt, partSize, 8);
    else if (type === CTA_COUNTERS.packets32) {
      layout.packets32At = walk.fixed('CTA_COUNTERS32_PACKETS', partAt, partSize, 4);
    } else if (type === CTA_COUNTERS.bytes32) {
      layout.bytes32At = walk.fixed('CTA_COUNTERS32_BYTES', partAt, partSize, 4);
    }
  });
}

/** `CTA_HELP` and `CTA_SECCTX` hold a name. */
function readName(walk: AttributeWalk, layout: BytesLayout, at: number, size: number): void {
  walk.each(at, at + size, (type, nameAt, nameSize) => {
    if (type === CTA_NAME) setBytes(layout, nameAt, nameSize);
  });
}

function setBytes(layout: BytesLayout, at: number, length: number): void {
  layout.at = at;
  layout.length = length;
}
