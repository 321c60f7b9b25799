import fc from 'fast-check';
import { formatIpAddress } from '../address.js';

/** The family of the addresses that a generator makes. */
export type IpFamily = 'ipv4' | 'ipv6';

/**
 * Any IP address of one family, or of either, as canonical text (RFC 5952). Includes unspecified, IPv4-mapped
 * (`::ffff:10.0.0.1`) and IPv4-compatible addresses, and runs of zeros of every length. Shrinks towards `0.0.0.0` and
 * `::`.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(ipAddress('ipv6'), (text) => canonicalIpAddress(text) === text));
 * ```
 */
export function ipAddress(family?: IpFamily): fc.Arbitrary<string> {
  if (family === undefined) return fc.oneof(ipAddress('ipv4'), ipAddress('ipv6'));
  return ipBytes(family).map((bytes) => formatIpAddress(bytes));
}

/** The bytes of such an address, in network order. */
export function ipBytes(family: IpFamily): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constant(0), fc.nat(0xff), fc.constant(0xff));
  const quad = fc.array(byte, { minLength: 4, maxLength: 4 });
  if (family === 'ipv4') return quad.map((bytes) => Uint8Array.from(bytes));
  const group = fc.oneof(fc.constant([0, 0]), fc.tuple(byte, byte));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 }).map((pairs) => pairs.flat());
  const embedding = fc.tuple(fc.constantFrom(0, 0xff), quad);
  const embedded = embedding.map(([fill, bytes]) => [...new Array<number>(10).fill(0), fill, fill, ...bytes]);
  return fc
    .oneof({ arbitrary: groups, weight: 3 }, { arbitrary: embedded, weight: 1 })
    .map((bytes) => Uint8Array.from(bytes));
}
