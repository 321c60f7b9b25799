import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { SocketSource } from '../traffic-source.js';

/** The sockets in `net/{tcp,tcp6,udp,udp6}`. This source works if the first table can be read. */
export function procfsSockets(procfs: ProcFs, strict: boolean): SocketSource {
  return {
    name: `${procfs.net('tcp')}, tcp6, udp and udp6`,
    async dump(addresses) {
      // Loaded here with the parser, as neither is needed if netlink works.
      const { readSocketTables } = await import('./read-socket-tables.js');
      return readSocketTables(procfs, strict, addresses);
    },
  };
}
