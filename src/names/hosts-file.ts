import { isIPv6 } from 'node:net';

/**
 * The names of an `/etc/hosts` file by address, see hosts(5): of each line the canonical name, which is its first; of an
 * address with several lines the first one.
 *
 * @param text the file's contents
 * @returns names by address, the address in the spelling of {@link canonicalAddress}
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

/** One spelling for the many of an IPv6 address (`0:0::1`, `::0001`, `::1`); anything else stays as it is. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
