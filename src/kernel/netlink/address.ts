import { formatIpAddress } from '../../../parsers/address.js';

const IPV4_BYTES = 4;

/** The canonical text of the address of 4 or 16 bytes at `at`. */
export function addressText(view: DataView, at: number, bytes: number): string {
  if (bytes !== IPV4_BYTES) return formatIpAddress(new Uint8Array(view.buffer, view.byteOffset + at, bytes));
  const word = view.getUint32(at);
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}
