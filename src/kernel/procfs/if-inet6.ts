import { formatIpAddress } from '../../../parsers/address.js';

/**
 * The canonical IPv6 addresses of all interfaces in the text of `/proc/net/if_inet6`, each once (`if6_seq_show`).
 *
 * A line begins with the address as 32 hexadecimal digits, in network order on every host. The interface's index, the prefix
 * length, scope, flags and name follow. Lines that begin otherwise are skipped.
 */
export function parseIfInet6(text: string): string[] {
  const addresses = new Set<string>();
  for (const [, digits = ''] of text.matchAll(/^([0-9a-f]{32}) /gim)) {
    addresses.add(formatIpAddress(Buffer.from(digits, 'hex')));
  }
  return [...addresses];
}
