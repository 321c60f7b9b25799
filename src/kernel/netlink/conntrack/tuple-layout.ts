import { malformed } from '../netlink-error.js';
import { CTA_IP, CTA_PROTO, CTA_TUPLE } from './ctnetlink-constants.js';
import { ABSENT, type AttributeWalk } from './attribute-walk.js';

/** The offsets of the parts of one direction's tuple. */
export class TupleLayout {
  sourceAt: number = ABSENT;
  destinationAt: number = ABSENT;
  /** 4 or 16; 0 while there is no tuple. */
  addressBytes = 0;
  protocolNumberAt: number = ABSENT;
  /** `CTA_PROTO_SRC_PORT`; GRE has its key there. */
  sourcePortAt: number = ABSENT;
  destinationPortAt: number = ABSENT;
  icmpTypeAt: number = ABSENT;
  icmpCodeAt: number = ABSENT;
  icmpIdAt: number = ABSENT;
  zoneAt: number = ABSENT;
}

/** Finds the parts of a tuple in `size` bytes at `at`. @throws NetlinkError `malformed` */
export function readTupleLayout(walk: AttributeWalk, tuple: TupleLayout, at: number, size: number): void {
  walk.each(at, at + size, (type, partAt, partSize) => {
    if (type === CTA_TUPLE.ip) readAddresses(walk, tuple, partAt, partSize);
    else if (type === CTA_TUPLE.proto) {
      walk.each(partAt, partAt + partSize, (part, valueAt, valueSize) => {
        readProtocolPart(walk, tuple, part, valueAt, valueSize);
      });
    } else if (type === CTA_TUPLE.zone) tuple.zoneAt = walk.fixed('CTA_TUPLE_ZONE', partAt, partSize, 2);
  });
  if (tuple.sourceAt < 0 || tuple.destinationAt < 0) {
    throw malformed('a tuple without its addresses', walk.base + at);
  }
  if (tuple.protocolNumberAt < 0) throw malformed('a tuple without CTA_PROTO_NUM', walk.base + at);
}

function readAddresses(walk: AttributeWalk, tuple: TupleLayout, at: number, size: number): void {
  walk.each(at, at + size, (type, addressAt, addressSize) => {
    if (type < CTA_IP.v4Src || type > CTA_IP.v6Dst) return;
    const bytes = type <= CTA_IP.v4Dst ? 4 : 16;
    if (tuple.addressBytes !== 0 && tuple.addressBytes !== bytes) {
      throw malformed('a tuple of two families', walk.base + addressAt);
    }
    tuple.addressBytes = bytes;
    walk.fixed('an address', addressAt, addressSize, bytes);
    if (type === CTA_IP.v4Src || type === CTA_IP.v6Src) tuple.sourceAt = addressAt;
    else tuple.destinationAt = addressAt;
  });
}

function readProtocolPart(
  walk: AttributeWalk,
  tuple: TupleLayout,
  type: number,
  at: number,
  size: number,
): void {
  switch (type) {
    case CTA_PROTO.num:
      tuple.protocolNumberAt = walk.fixed('CTA_PROTO_NUM', at, size, 1);
      break;
    case CTA_PROTO.srcPort:
      tuple.sourcePortAt = walk.fixed('CTA_PROTO_SRC_PORT', at, size, 2);
      break;
    case CTA_PROTO.dstPort:
      tuple.destinationPortAt = walk.fixed('CTA_PROTO_DST_PORT', at, size, 2);
      break;
    case CTA_PROTO.icmpId:
    case CTA_PROTO.icmpv6Id:
      tuple.icmpIdAt = walk.fixed('an ICMP id', at, size, 2);
      break;
    case CTA_PROTO.icmpType:
    case CTA_PROTO.icmpv6Type:
      tuple.icmpTypeAt = walk.fixed('an ICMP type', at, size, 1);
      break;
    case CTA_PROTO.icmpCode:
    case CTA_PROTO.icmpv6Code:
      tuple.icmpCodeAt = walk.fixed('an ICMP code', at, size, 1);
      break;
  }
}
