import { formatIpAddressFull, parseIpAddress } from '../../parsers/address.js';
import { MANY, NO_PORT, type FlowRow } from './flow-row.js';

/** Ranks of ports: real ports stand between "none" and "several". */
export const PORT_RANK = { none: 0, first: 1, many: 65_537 } as const;

/** Ranks of addresses: IPv4 by number, then "several", then IPv6 by their place among themselves. */
export const ADDRESS_RANK = { firstIpv4: 0, many: 0x1_0000_0000, firstIpv6: 0x1_0000_0001 } as const;

/** The rank of a port in a flow. */
export function portRank(port: string): number {
  if (port === NO_PORT) return PORT_RANK.none;
  return port === MANY ? PORT_RANK.many : PORT_RANK.first + Number(port);
}

/** The port with this rank. */
export function portOfRank(rank: number): string {
  if (rank === PORT_RANK.none) return NO_PORT;
  return rank === PORT_RANK.many ? MANY : String(rank - PORT_RANK.first);
}

/** Ranks the addresses of these rows. The returned function knows only those addresses. */
export function addressRanks(rows: readonly FlowRow[]): (address: string) => number {
  const ipv6 = new Set<string>();
  for (const {
    key: { local, peer },
  } of rows) {
    if (isIpv6(local.addr)) ipv6.add(local.addr);
    if (isIpv6(peer.addr)) ipv6.add(peer.addr);
  }
  const inOrder = Array.from(ipv6, (text) => ({ text, key: addressKey(text) }));
  inOrder.sort((a, b) => compareText(a.key, b.key));
  const ranks = new Map(inOrder.map(({ text }, place) => [text, ADDRESS_RANK.firstIpv6 + place]));
  return (address) => ranks.get(address) ?? ipv4Rank(address);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function ipv4Rank(address: string): number {
  let rank = ADDRESS_RANK.firstIpv4;
  let octet = 0;
  for (let index = 0; index < address.length; index++) {
    const digit = address.charCodeAt(index) - 48;
    if (digit > 9) return ADDRESS_RANK.many;
    if (digit >= 0) octet = octet * 10 + digit;
    else {
      rank = (rank + octet) * 256;
      octet = 0;
    }
  }
  return rank + octet;
}

/** A text for an address. Sorting the texts sorts addresses of one family by number. */
export function addressKey(address: string): string {
  const bytes = isIpv6(address) ? parseIpAddress(address) : undefined;
  if (bytes !== undefined) return formatIpAddressFull(bytes);
  return address.replace(/[0-9]+/g, (digits) => digits.padStart(3, '0'));
}

/** Compares by code units, so that the order does not depend on the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
