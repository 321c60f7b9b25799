import { formatIpAddress } from '../../../../parsers/address.js';
import { readU16 } from './byte-order.js';
import { malformed } from '../netlink-error.js';
import { align } from './message.js';

/** `struct nlattr`: length and type (`NLA_HDRLEN`). */
export const ATTRIBUTE_HEADER_BYTES = 4;
/** Masks out `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, which ctnetlink sets on some attributes only. */
const TYPE_MASK = 0x3fff;
const IPV4_BYTES = 4;

/**
 * The length of the attribute at `at`, with its header and without its padding. It is checked against `end`.
 * @throws NetlinkError `malformed` if the attribute overruns
 */
export function attributeLength(view: DataView, at: number, end: number): number {
  if (end - at < ATTRIBUTE_HEADER_BYTES) throw malformed(`an attribute cut to ${end - at} bytes`, at);
  const length = readU16(view, at);
  if (length < ATTRIBUTE_HEADER_BYTES || length > end - at) {
    throw malformed(`an attribute of length ${length} where ${end - at} bytes are left`, at);
  }
  return length;
}

/** The type of the attribute at `at`. Check its length first. */
export function attributeType(view: DataView, at: number): number {
  return readU16(view, at + 2) & TYPE_MASK;
}

/**
 * Checks that the payload of an attribute has at least the bytes of its type. Later kernels may append some.
 * @throws NetlinkError `malformed`
 */
export function expectPayload(name: string, at: number, length: number, bytes: number): void {
  if (length < bytes) throw malformed(`${name} has ${length} bytes, not ${bytes}`, at);
}

/**
 * The offset of the payload of the first attribute of a type; -1 without one. The payload must have `bytes` bytes at least.
 * @throws NetlinkError `malformed`
 */
export function findAttribute(
  view: DataView,
  start: number,
  end: number,
  wanted: number,
  bytes: number,
): number {
  for (let at = start; at < end;) {
    const length = attributeLength(view, at, end);
    if (attributeType(view, at) === wanted) {
      expectPayload(`attribute ${wanted}`, at, length - ATTRIBUTE_HEADER_BYTES, bytes);
      return at + ATTRIBUTE_HEADER_BYTES;
    }
    at += align(length);
  }
  return -1;
}

/** The text of a string attribute's payload, up to its NUL; bytes that are no UTF-8 become U+FFFD. */
export function payloadText(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  const nul = bytes.indexOf(0);
  return new TextDecoder().decode(nul < 0 ? bytes : bytes.subarray(0, nul));
}

/** The canonical text of the address of 4 or 16 bytes at `at`. */
export function addressText(view: DataView, at: number, bytes: number): string {
  if (bytes !== IPV4_BYTES) return formatIpAddress(new Uint8Array(view.buffer, view.byteOffset + at, bytes));
  const word = view.getUint32(at);
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}
