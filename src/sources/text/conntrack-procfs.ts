import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { ReadAhead } from './read-ahead.js';
import type { TableSource } from '../traffic-source.js';

/** The least number of entries for which a reading thread pays off. */
const MANY_ENTRIES = 10_000;

/** The conntrack table in `net/nf_conntrack`, or of older kernels in `net/ip_conntrack`. */
export function procfsTable(procfs: ProcFs, strict: boolean): TableSource {
  let ahead: ReadAhead | undefined;
  return {
    name: procfs.net('nf_conntrack'),
    async prepare() {
      if (!(Number(procfs.sysctl('net/netfilter/nf_conntrack_count')) >= MANY_ENTRIES)) return;
      // Loaded here, as most tables are small.
      const { ReadAhead } = await import('./read-ahead.js');
      ahead = new ReadAhead();
    },
    async dump(start) {
      // Loaded here with the parser, as neither is needed if netlink works.
      const [{ readProcfsTable }, { TableText }] = await Promise.all([
        import('./read-procfs-table.js'),
        import('./table-text.js'),
      ]);
      const { reading } = await readProcfsTable(procfs, (path) => new TableText(start(path)), ahead);
      return reading;
    },
    async release() {
      await ahead?.close();
    },
    async follow(host, failures) {
      // Loaded here, as a listing does not follow.
      const { pollProcfs } = await import('./polling-account.js');
      return await pollProcfs(procfs, strict, host, failures);
    },
  };
}
