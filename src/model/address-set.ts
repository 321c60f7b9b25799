import { canonicalIpAddress, formatIpAddress, parseIpAddress, unmapIpv4 } from '../../parsers/address.js';
import { quoteForMessage } from '../../parsers/parse-error.js';

/** A network: the addresses whose first `prefixLength` bits are those of `bytes`. */
export interface Cidr {
  /** 4 or 16 bytes in network order. Bits beyond the prefix may be set. */
  bytes: Uint8Array;
  prefixLength: number;
}

const MAPPED_BITS = 96;

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, or an address, which is a network of one. Returns undefined for any other text.
 * An IPv4-mapped network becomes an IPv4 network: `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix, ...rest] = text.split('/', 3);
  const bytes = parseIpAddress(address);
  if (!bytes || rest.length > 0) return undefined;
  const bits = bytes.length * 8;
  if (prefix !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const prefixLength = prefix === undefined ? bits : Number(prefix);
  if (prefixLength > bits) return undefined;
  const inner = prefixLength >= MAPPED_BITS ? parseIpAddress(unmapIpv4(formatIpAddress(bytes))) : bytes;
  return inner?.length === bytes.length
    ? { bytes, prefixLength }
    : { bytes: inner ?? bytes, prefixLength: prefixLength - MAPPED_BITS };
}

/**
 * A set of IP addresses and networks. An IPv4-mapped IPv6 address counts as the IPv4 address. Apart from that the families do not
 * mix: `::/0` holds no IPv4 address.
 */
export class AddressSet {
  readonly #addresses = new Set<string>();
  readonly #ipv4 = new Set<number>();
  readonly #ipv4Networks: { word: number; hostBits: number }[] = [];
  readonly #networks: Cidr[] = [];

  /** @throws RangeError for a text that {@link parseCidr} does not read */
  constructor(texts: Iterable<string> = []) {
    for (const text of texts) {
      const cidr = parseCidr(text);
      if (!cidr)
        throw new RangeError(
          `expected an IP address or a network such as 10.0.0.0/8, found ${quoteForMessage(text)}`,
        );
      const { bytes, prefixLength } = cidr;
      const isIpv4 = bytes.length === 4;
      if (prefixLength === bytes.length * 8) {
        this.#addresses.add(formatIpAddress(bytes));
        if (isIpv4) this.#ipv4.add(wordOf(bytes));
      } else {
        this.#networks.push(cidr);
        if (isIpv4) this.#ipv4Networks.push({ word: wordOf(bytes), hostBits: 32 - prefixLength });
      }
    }
  }

  /** True if it holds any of the single addresses of another set, loopback left out. */
  holdsAnyOf(other: AddressSet): boolean {
    for (const address of other.#addresses) if (!isLoopback(address) && this.has(address)) return true;
    return false;
  }

  /** Like {@link has}, for an IPv4 address as one 32-bit integer in network order. */
  hasIpv4(word: number): boolean {
    if (this.#ipv4.has(word)) return true;
    for (const { word: network, hostBits } of this.#ipv4Networks) {
      // JavaScript shifts by 32 as by 0.
      if (hostBits === 32 || (network ^ word) >>> hostBits === 0) return true;
    }
    return false;
  }

  /** True if the address is in the set, in any spelling; false for text that is no address. */
  has(address: string): boolean {
    // Most texts are canonical already and need not be parsed.
    if (this.#addresses.has(address)) return true;
    const canonical = canonicalIpAddress(address);
    if (canonical === undefined) return false;
    const text = unmapIpv4(canonical);
    if (this.#addresses.has(text)) return true;
    if (this.#networks.length === 0) return false;
    const bytes = parseIpAddress(text);
    return bytes !== undefined && this.#networks.some((network) => contains(network, bytes));
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function wordOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
}

function contains({ bytes: network, prefixLength }: Cidr, bytes: Uint8Array): boolean {
  if (network.length !== bytes.length) return false;
  const whole = prefixLength >> 3;
  for (let i = 0; i < whole; i++) if (network[i] !== bytes[i]) return false;
  const differing = (network[whole] ?? 0) ^ (bytes[whole] ?? 0);
  return differing >> (8 - (prefixLength & 7)) === 0;
}
