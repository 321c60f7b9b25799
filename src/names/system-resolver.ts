import { promises as dns } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { parseHostsFile } from './hosts-file.js';

/** Finds the names of an address, the best first. Rejects, or gives none, if there are none. */
export type ReverseLookup = (address: string) => Promise<string[]>;

/** The system's sources of names. */
export interface SystemResolver {
  /** The names of `/etc/hosts`, by address in the spelling of `canonicalAddress`. Never rejects. */
  hosts: Promise<ReadonlyMap<string, string>>;
  /** Asks DNS, once. */
  reverse: ReverseLookup;
  /** Cancels the questions that are under way, so that they do not keep the process alive. */
  close: () => void;
}

/** The places for a look-up. The defaults are the system's. */
export interface SystemResolverOptions {
  timeoutMilliseconds: number;
  hostsFile?: string;
  /** DNS servers as `dns.setServers` takes them, instead of those of resolv.conf(5). */
  servers?: readonly string[];
}

/**
 * Starts to read `/etc/hosts` and gets ready to ask DNS.
 *
 * The file is read here because c-ares, behind Node's `Resolver`, gives the aliases of a line without its canonical name. A host
 * with one name would have none. `dns.lookupService` gives both, but cannot be cancelled, and takes a thread for each question, which
 * delays the end of the process.
 */
export function openSystemResolver(options: SystemResolverOptions): SystemResolver {
  // c-ares takes whole milliseconds, and reads 0 as its own default.
  const timeout = Math.max(1, Math.ceil(options.timeoutMilliseconds));
  const resolver = new dns.Resolver({ timeout, tries: 1 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  return {
    hosts: readHostsFile(options.hostsFile ?? '/etc/hosts'),
    // Sorted, as a server rotates several PTR records, and two runs should print the same.
    reverse: async (address) => (await resolver.reverse(address)).sort(),
    close: () => {
      resolver.cancel();
    },
  };
}

/** Reads a hosts file. A missing or unreadable file counts as empty, as names are an extra. */
async function readHostsFile(path: string): Promise<Map<string, string>> {
  try {
    return parseHostsFile(await readFile(path, 'utf8'));
  } catch {
    return new Map();
  }
}
