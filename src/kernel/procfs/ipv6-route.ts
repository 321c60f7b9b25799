import { formatIpAddress } from '../../../parsers/address.js';
import type { LocalRoute } from './fib-trie.js';

/** `RTF_LOCAL` of linux/ipv6_route.h */
const RTF_LOCAL = 0x80000000;

/**
 * The local IPv6 routes of all tables in the text of `/proc/net/ipv6_route`, any-IP prefixes included (`ipv6_route_native_seq_show`).
 *
 * A line has destination and prefix length, source and prefix length, next hop, metric, references, uses, flags and device. Numbers
 * are hexadecimal.
 */
export function parseIpv6Routes(text: string): LocalRoute[] {
  const routes = new Map<string, LocalRoute>();
  const lines = text.matchAll(/^([0-9a-f]{32}) ([0-9a-f]{2}) (?:[0-9a-f]+ ){6}([0-9a-f]{8}) /gim);
  for (const [, digits = '', prefix = '', flags = ''] of lines) {
    const prefixLength = parseInt(prefix, 16);
    if ((parseInt(flags, 16) & RTF_LOCAL) === 0 || prefixLength > 128) continue;
    const address = formatIpAddress(Buffer.from(digits, 'hex'));
    routes.set(`${address}/${prefixLength}`, { address, prefixLength });
  }
  return [...routes.values()];
}
