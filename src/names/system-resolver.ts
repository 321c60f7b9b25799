import { promises as dns } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { parseHostsFile } from './hosts-file.js';

/** From an address to its names, the best first; rejects or gives none where there is none. */
export type ReverseLookup = (address: string) => Promise<string[]>;

/** The system's ways to a name, and how to give them up. */
export interface SystemResolver {
  /** The names of `/etc/hosts`, by address in the spelling of `canonicalAddress`. Never rejects. */
  hosts: Promise<ReadonlyMap<string, string>>;
  /** Asks DNS, once. */
  reverse: ReverseLookup;
  /** Ends what is under way: nothing of it keeps the process alive any longer. */
  close: () => void;
}

/** Where to look; the defaults are the system's own. */
export interface SystemResolverOptions {
  timeoutMilliseconds: number;
  hostsFile?: string;
  /** DNS servers as `dns.setServers` takes them, instead of those of resolv.conf(5). */
  servers?: readonly string[];
}

/**
 * Starts to read `/etc/hosts` and gets ready to ask DNS.
 *
 * The file is read here because c-ares, behind Node's `Resolver`, gives only the aliases of a line and not its canonical
 * name: a host with one name would have none. `dns.lookupService` knows both, but cannot be cancelled and takes a thread
 * for each question, which delays the end of the process.
 */
export function openSystemResolver(options: SystemResolverOptions): SystemResolver {
  // c-ares takes whole milliseconds, and 0 for its own default.
  const timeout = Math.max(1, Math.ceil(options.timeoutMilliseconds));
  const resolver = new dns.Resolver({ timeout, tries: 1 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  return {
    hosts: readHostsFile(options.hostsFile ?? '/etc/hosts'),
    // A server with several PTR records hands them out in turn; two runs should print the same.
    reverse: async (address) => (await resolver.reverse(address)).sort(),
    close: () => {
      resolver.cancel();
    },
  };
}

/** A missing or unreadable file is an empty one: names are an extra. */
async function readHostsFile(path: string): Promise<Map<string, string>> {
  try {
    return parseHostsFile(await readFile(path, 'utf8'));
  } catch {
    return new Map();
  }
}
