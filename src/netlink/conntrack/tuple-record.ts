import { ATTRIBUTE_HEADER_BYTES, attributeLength, attributeType, expectPayload } from '../attribute.js';
import { malformed } from '../errors.js';
import { align } from '../message.js';
import { CTA_IP, CTA_PROTO, CTA_TUPLE } from './attributes.js';

/** A number that the message does not have. */
export const ABSENT = -1;

/**
 * One direction's tuple, as numbers; addresses as offsets into the record's bytes, 4 or 16 bytes in network order there.
 * {@link ABSENT} stands for what is not in the message. Reused from message to message.
 */
export class TupleRecord {
  sourceAt: number = ABSENT;
  destinationAt: number = ABSENT;
  /** 4 or 16. */
  addressBytes = 0;
  protocolNumber: number = ABSENT;
  /** `CTA_PROTO_SRC_PORT`; GRE has its key there. */
  sourcePort: number = ABSENT;
  destinationPort: number = ABSENT;
  icmpType: number = ABSENT;
  icmpCode: number = ABSENT;
  icmpId: number = ABSENT;
  /** `CTA_TUPLE_ZONE`: of this direction only. */
  zone: number = ABSENT;

  /**
   * Reads the attributes from `start` to `end`.
   * @throws NetlinkError `malformed`
   */
  read(view: DataView, start: number, end: number): void {
    this.clear();
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const inner = at + ATTRIBUTE_HEADER_BYTES;
      switch (attributeType(view, at)) {
        case CTA_TUPLE.ip:
          this.readAddresses(view, inner, at + length);
          break;
        case CTA_TUPLE.proto:
          this.readProtocol(view, inner, at + length);
          break;
        case CTA_TUPLE.zone:
          expectPayload('CTA_TUPLE_ZONE', at, length, 2);
          this.zone = view.getUint16(inner);
          break;
      }
      at += align(length);
    }
    if (this.sourceAt < 0 || this.destinationAt < 0) throw malformed('a tuple without its addresses', start);
    if (this.protocolNumber < 0) throw malformed('a tuple without CTA_PROTO_NUM', start);
  }

  private clear(): void {
    this.sourceAt = ABSENT;
    this.destinationAt = ABSENT;
    this.addressBytes = 0;
    this.protocolNumber = ABSENT;
    this.sourcePort = ABSENT;
    this.destinationPort = ABSENT;
    this.icmpType = ABSENT;
    this.icmpCode = ABSENT;
    this.icmpId = ABSENT;
    this.zone = ABSENT;
  }

  private readAddresses(view: DataView, start: number, end: number): void {
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const type = attributeType(view, at);
      if (type >= CTA_IP.v4Src && type <= CTA_IP.v6Dst) {
        const bytes = type <= CTA_IP.v4Dst ? 4 : 16;
        expectPayload('an address', at, length, bytes);
        if (this.addressBytes !== 0 && this.addressBytes !== bytes)
          throw malformed('a tuple of two families', at);
        this.addressBytes = bytes;
        if (type === CTA_IP.v4Src || type === CTA_IP.v6Src) this.sourceAt = at + ATTRIBUTE_HEADER_BYTES;
        else this.destinationAt = at + ATTRIBUTE_HEADER_BYTES;
      }
      at += align(length);
    }
  }

  private readProtocol(view: DataView, start: number, end: number): void {
    for (let at = start; at < end;) {
      const length = attributeLength(view, at, end);
      const type = attributeType(view, at);
      if (type >= CTA_PROTO.num && type <= CTA_PROTO.icmpv6Code) {
        const isByte =
          type === CTA_PROTO.num ||
          (type >= CTA_PROTO.icmpType && type <= CTA_PROTO.icmpCode) ||
          type >= CTA_PROTO.icmpv6Type;
        expectPayload('a part of a tuple', at, length, isByte ? 1 : 2);
        const inner = at + ATTRIBUTE_HEADER_BYTES;
        this.setProtocolPart(type, isByte ? view.getUint8(inner) : view.getUint16(inner));
      }
      at += align(length);
    }
  }

  private setProtocolPart(type: number, value: number): void {
    switch (type) {
      case CTA_PROTO.num:
        this.protocolNumber = value;
        break;
      case CTA_PROTO.srcPort:
        this.sourcePort = value;
        break;
      case CTA_PROTO.dstPort:
        this.destinationPort = value;
        break;
      case CTA_PROTO.icmpId:
      case CTA_PROTO.icmpv6Id:
        this.icmpId = value;
        break;
      case CTA_PROTO.icmpType:
      case CTA_PROTO.icmpv6Type:
        this.icmpType = value;
        break;
      case CTA_PROTO.icmpCode:
      case CTA_PROTO.icmpv6Code:
        this.icmpCode = value;
        break;
    }
  }
}
