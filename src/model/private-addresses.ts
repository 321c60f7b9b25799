import { AddressSet } from './address-set.js';

/** The addresses that mean the host itself, on every host. */
export const LOOPBACK_NETWORKS: readonly string[] = ['127.0.0.0/8', '::1'];

const LOOPBACK_ADDRESSES: AddressSet = new AddressSet(LOOPBACK_NETWORKS);

/** Whether an address is one of {@link LOOPBACK_NETWORKS}. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK_ADDRESSES.has(address);
}

/** What cannot be a host on the public internet. */
const PRIVATE_ADDRESSES: AddressSet = new AddressSet([
  // RFC 1918
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  // RFC 6598, carrier-grade NAT
  '100.64.0.0/10',
  ...LOOPBACK_NETWORKS,
  // Link-local: RFC 3927, RFC 4291
  '169.254.0.0/16',
  'fe80::/10',
  // RFC 4193, unique local
  'fc00::/7',
  // Unspecified: "this network" (RFC 791), RFC 4291
  '0.0.0.0/8',
  '::',
  // Multicast and broadcast: groups, not hosts
  '224.0.0.0/4',
  '255.255.255.255',
  'ff00::/8',
]);

/**
 * Whether an address is none of the public internet's: private-use, shared (RFC 6598), loopback, link-local or unique local, and
 * also unspecified, multicast or broadcast, as those are no peer on the internet either. IPv4-mapped addresses are
 * the IPv4 ones. Text that is no address is not private.
 */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_ADDRESSES.has(address);
}
