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
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/ +/);
    const [, digits, prefix, flags] =
      /^([0-9a-f]{32}) ([0-9a-f]{2}) .* ([0-9a-f]{8})$/i.exec(fields.slice(0, 9).join(' ')) ?? [];
    if (digits === undefined || prefix === undefined || flags === undefined) continue;
    const prefixLength = parseInt(prefix, 16);
    if ((parseInt(flags, 16) & RTF_LOCAL) === 0 || prefixLength > 128) continue;
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
    const address = formatIpAddress(bytes);
    routes.set(`${address}/${prefixLength}`, { address, prefixLength });
  }
  return [...routes.values()];
}
