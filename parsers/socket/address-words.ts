import { formatIpAddress, mapIpv4, parseIpAddress } from '../address.js';
import type { ByteOrder } from './socket.js';

/**
 * The address that a socket table shows as one (IPv4) or four (IPv6) words of 8 hexadecimal digits, each a network-order word
 * read in the host's order (`%08X`): on a little-endian host 127.0.0.1 is `0100007F`. Undefined where `words` is no such text.
 */
export function decodeAddress(words: string, byteOrder: ByteOrder): string | undefined {
  if (!/^(?:[0-9a-f]{8}|[0-9a-f]{32})$/i.test(words)) return undefined;
  const texts = [];
  for (let at = 0; at < words.length; at += 8) texts.push(words.slice(at, at + 8));
  const bytes = texts.flatMap((text) => wordBytes(parseInt(text, 16), byteOrder));
  return bytes.length === 4 ? bytes.join('.') : formatIpAddress(Uint8Array.from(bytes));
}

/**
 * The words of an address as a table of this family shows them; in an IPv6 table an IPv4 address is IPv4-mapped.
 * @throws RangeError for text that is no address, and for an IPv6 address in an IPv4 table
 */
export function encodeAddress(address: string, family: 'ipv4' | 'ipv6', byteOrder: ByteOrder): string {
  const bytes = parseIpAddress(family === 'ipv6' ? mapIpv4(address) : address);
  if (bytes?.length !== (family === 'ipv4' ? 4 : 16)) {
    throw new RangeError(`${JSON.stringify(address)} has no place in an ${family} socket table`);
  }
  const words = [];
  for (let at = 0; at < bytes.length; at += 4)
    words.push(...swapWord([...bytes.subarray(at, at + 4)], byteOrder));
  return words.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** The bytes, in network order, of a word that is printed in the host's order. */
function wordBytes(word: number, byteOrder: ByteOrder): number[] {
  return swapWord([word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff], byteOrder);
}

function swapWord(bytes: number[], byteOrder: ByteOrder): number[] {
  return byteOrder === 'big' ? bytes : bytes.reverse();
}
