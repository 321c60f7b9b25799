import { isIPv6 } from 'node:net';

/**
 * Reads the canonical names in an `/etc/hosts` file, see hosts(5). The canonical name of a line is its first. If an address has
 * several lines, the first one counts.
 *
 * @param text the contents of the file
 * @returns names by address, in the spelling of {@link canonicalAddress}
 */
export function parseHostsFile(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || name === undefined) continue;
    const key = canonicalAddress(address);
    if (!names.has(key)) names.set(key, name);
  }
  return names;
}

/** Gives every spelling of an IPv6 address (`0:0::1`, `::0001`, `::1`) the same form. Other text stays as it is. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
