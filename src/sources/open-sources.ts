import type { NetworkNamespace } from '../kernel/netlink/socket/namespace.js';
import { ProcFs } from '../kernel/procfs/procfs.js';
import { procfsSockets } from './sockets/procfs-sockets.js';
import type { AddressSource } from './source.js';
import type { SourceOptions } from './source-options.js';
import { procfsTable } from './text/conntrack-procfs.js';
import type { SocketSource, Sources, TableSource } from './traffic-source.js';

/** The sources that the options allow, the fastest first. @param procfs the place of the files, if there are any */
export async function sourcesFor(options: SourceOptions, procfs: ProcFs | undefined): Promise<Sources> {
  const { source, strict, local: given } = options;
  const addresses: AddressSource[] = [];
  const sockets: SocketSource[] = [];
  const tables: TableSource[] = [];
  // Sockets and addresses by netlink are better evidence than their files, whatever the table is read from.
  if (!options.filesOnly) {
    // Loaded here, as reading files does not need netlink.
    const [{ netlinkAddresses }, { netlinkSockets }, { netlinkTable }] = await Promise.all([
      import('./netlink/netlink-addresses.js'),
      import('./sockets/sock-diag.js'),
      import('./netlink/conntrack-netlink.js'),
    ]);
    const namespace = namespaceOf(options);
    addresses.push(netlinkAddresses(namespace));
    sockets.push(netlinkSockets(namespace, procfs, options));
    if (source === 'auto' || source === 'netlink') tables.push(netlinkTable(namespace));
  }
  if (procfs !== undefined) {
    addresses.push(addressFiles(procfs));
    sockets.push(procfsSockets(procfs, strict));
    if (source === 'auto' || source === 'procfs') tables.push(procfsTable(procfs, strict));
  }
  return { given, addresses, sockets, tables };
}

/** The addresses in files. Loaded when they are read, as netlink mostly works. */
function addressFiles(procfs: ProcFs): AddressSource {
  const load = async (): Promise<AddressSource> =>
    (await import('./local-addresses.js')).procfsAddresses(procfs);
  return {
    name: procfs.net('fib_trie'),
    dump: async () => (await load()).dump(),
    follow: async (onChange) => {
      const { follow } = await load();
      if (follow === undefined) throw new TypeError('files of addresses are followed by looks');
      return await follow(onChange);
    },
  };
}

/** The network namespace that the options mean; undefined for this process's own. */
function namespaceOf({ netns, pid }: SourceOptions): NetworkNamespace | undefined {
  if (netns !== undefined) return { name: netns };
  return pid === undefined ? undefined : { pid };
}

/** The procfs that the options mean; undefined for a namespace that only has a name. */
export function procfsOf({ netns, procfsRoot, pid }: SourceOptions): ProcFs | undefined {
  return netns === undefined ? new ProcFs(procfsRoot, pid) : undefined;
}
