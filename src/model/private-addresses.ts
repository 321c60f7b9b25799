import { AddressSet } from './address-set.js';

/** The loopback addresses, which every host has. */
export const LOOPBACK_NETWORKS: readonly string[] = ['127.0.0.0/8', '::1'];

const LOOPBACK_ADDRESSES: AddressSet = new AddressSet(LOOPBACK_NETWORKS);

/** True if an address is in {@link LOOPBACK_NETWORKS}. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK_ADDRESSES.has(address);
}

/** The addresses that no host on the public internet can have. */
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
 * True if an address is not of the public internet: private-use, shared (RFC 6598), loopback, link-local, unique local,
 * unspecified, multicast or broadcast. An IPv4-mapped address counts as the IPv4 address. Text that is no address is not private.
 */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_ADDRESSES.has(address);
}
