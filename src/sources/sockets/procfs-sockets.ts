import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { SocketSource } from '../traffic-source.js';

/** The sockets in `net/{tcp,tcp6,udp,udp6}`. Works unless even the first table cannot be read. */
export function procfsSockets(procfs: ProcFs, strict: boolean): SocketSource {
  return {
    name: `${procfs.net('tcp')} and its like`,
    async dump(addresses) {
      // Loaded here, with the parser: where netlink works, neither is needed.
      const { readSocketTables } = await import('./read-socket-tables.js');
      return readSocketTables(procfs, strict, addresses);
    },
  };
}
