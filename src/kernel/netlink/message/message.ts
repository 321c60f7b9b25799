import { HOST_IS_LITTLE_ENDIAN, readU16, readU32 } from './byte-order.js';
import { malformed } from '../netlink-error.js';

/** `struct nlmsghdr`: length, type, flags, sequence number, port id (`NLMSG_HDRLEN`). */
export const MESSAGE_HEADER_BYTES = 16;
/** `NLMSG_ALIGNTO` and `NLA_ALIGNTO` */
const ALIGNMENT = 4;

/** `nlmsg_type` below `NLMSG_MIN_TYPE`: the messages of netlink itself. */
export const MESSAGE_TYPE = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** `nlmsg_flags` (`NLM_F_*`). `capped` and `ackTlvs` apply to errors and ends of dumps only. */
export const MESSAGE_FLAG = {
  request: 0x01,
  multi: 0x02,
  acknowledge: 0x04,
  dumpInterrupted: 0x10,
  /** `NLM_F_ROOT | NLM_F_MATCH` */
  dump: 0x300,
  capped: 0x100,
  ackTlvs: 0x200,
} as const;

/** Rounds a length up to the start of the next message or attribute. */
export function align(length: number): number {
  return (length + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/** The header of one message, and the place of the message. It is reused from message to message. */
export class MessageHeader {
  type = 0;
  flags = 0;
  sequence = 0;
  portId = 0;
  /** The start of the payload. */
  bodyAt = 0;
  /** The end of the message, without its padding. */
  end = 0;

  /**
   * Reads the header at `at` of a datagram that ends at `end`.
   * @returns the start of the next message
   * @throws NetlinkError `malformed` if header or message overrun the datagram
   */
  read(view: DataView, at: number, end: number): number {
    if (end - at < MESSAGE_HEADER_BYTES) {
      throw malformed(`${end - at} bytes where a header of ${MESSAGE_HEADER_BYTES} has to be`, at);
    }
    const length = readU32(view, at);
    if (length < MESSAGE_HEADER_BYTES) {
      throw malformed(`a length of ${length}, less than the header's own`, at);
    }
    if (length > end - at) {
      throw malformed(`a length of ${length} where the datagram has ${end - at} bytes left`, at);
    }
    this.type = readU16(view, at + 4);
    this.flags = readU16(view, at + 6);
    this.sequence = readU32(view, at + 8);
    this.portId = readU32(view, at + 12);
    this.bodyAt = at + MESSAGE_HEADER_BYTES;
    this.end = at + length;
    // The last message of a datagram need not be padded.
    return Math.min(at + align(length), end);
  }
}

/** A request, or any message to be built. */
export interface Message {
  type: number;
  flags: number;
  sequence: number;
  /** 0 for the kernel. */
  portId?: number;
  body: Uint8Array;
}

/** The bytes of a message, padding included. */
export function encodeMessage({ type, flags, sequence, portId = 0, body }: Message): Uint8Array {
  const length = MESSAGE_HEADER_BYTES + body.length;
  const bytes = new Uint8Array(align(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, HOST_IS_LITTLE_ENDIAN);
  view.setUint16(4, type, HOST_IS_LITTLE_ENDIAN);
  view.setUint16(6, flags, HOST_IS_LITTLE_ENDIAN);
  view.setUint32(8, sequence, HOST_IS_LITTLE_ENDIAN);
  view.setUint32(12, portId, HOST_IS_LITTLE_ENDIAN);
  bytes.set(body, MESSAGE_HEADER_BYTES);
  return bytes;
}
