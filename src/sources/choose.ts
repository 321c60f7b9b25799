import type { AddressSet } from '../model/address-set.js';
import type { NetworkNamespace } from '../kernel/netlink/namespace.js';
import type { ResolvedOptions } from './resolved-options.js';
import { readLocalAddresses } from './local-addresses.js';
import { ProcFs } from '../kernel/procfs/procfs.js';
import { procfsSockets } from './procfs-sockets.js';
import { procfsTable } from './procfs-table.js';
import type { SocketSource, Sources, TableSource } from './source.js';

/** The sources that the options leave, the fastest first; `procfs` is where the files are, if there are any. */
export async function sourcesFor(options: ResolvedOptions, procfs: ProcFs | undefined): Promise<Sources> {
  const { source, strict, local, netns } = options;
  const sockets: SocketSource[] = [];
  const tables: TableSource[] = [];
  if (!options.filesOnly && source !== 'procfs') {
    // Loaded here, as who reads files does not need it.
    const [{ netlinkSockets }, { netlinkTable }] = await Promise.all([
      import('./netlink-sockets.js'),
      import('./netlink-table.js'),
    ]);
    sockets.push(netlinkSockets(namespaceOf(options), procfs, strict));
    if (source !== 'sockets') tables.push(netlinkTable(namespaceOf(options)));
  }
  if (procfs !== undefined) {
    sockets.push(procfsSockets(procfs, strict));
    if (source === 'auto' || source === 'procfs') tables.push(procfsTable(procfs));
  }
  return {
    sockets,
    tables,
    async localAddresses() {
      // First of all, as it tells whether there is a way in.
      const own = procfs === undefined ? await addressesInside(netns ?? '') : undefined;
      return local ?? own ?? readLocalAddresses(procfs ?? new ProcFs());
    },
  };
}

async function addressesInside(name: string): Promise<AddressSet> {
  const { netlinkAddresses } = await import('./netlink-addresses.js');
  return netlinkAddresses(name);
}

/** The network namespace that the options mean; undefined for this process's own. */
export function namespaceOf({ netns, pid }: ResolvedOptions): NetworkNamespace | undefined {
  if (netns !== undefined) return { name: netns };
  return pid === undefined ? undefined : { pid };
}
