import type { Unreadable } from '../diagnostics.js';
import { systemCode, systemReason } from '../errors.js';
import type { ProcFs } from './procfs.js';
import type { ReadAhead } from './read-ahead.js';
import { openForReading, readChunks, readFailure, readTableChunks } from './read-chunks.js';
import { SourceFailure, type TableSource } from './source.js';

/** The names of the live table, the current kernel's first. */
const TABLE_FILES = ['nf_conntrack', 'ip_conntrack'];

/** How many entries a table has at least for a thread of its own to pay. */
const MANY_ENTRIES = 10_000;

/** The table in `net/nf_conntrack`, or in older kernels `net/ip_conntrack`. */
export function procfsTable(procfs: ProcFs): TableSource {
  let ahead: ReadAhead | undefined;
  return {
    name: procfs.net('nf_conntrack'),
    async prepare() {
      if (!(Number(procfs.sysctl('net/netfilter/nf_conntrack_count')) >= MANY_ENTRIES)) return;
      // Loaded here, as most tables are small.
      const { ReadAhead } = await import('./read-ahead.js');
      ahead = new ReadAhead();
    },
    async read(start) {
      const { fd, path } = openTable(procfs);
      const reading = start(path);
      try {
        await reading.read(ahead === undefined ? readChunks(fd) : readTableChunks(fd, ahead));
      } catch (error) {
        throw readFailure(path, error);
      }
      return reading;
    },
    async release() {
      await ahead?.close();
    },
  };
}

function openTable(procfs: ProcFs): { fd: number; path: string } {
  let failure: Unreadable | undefined;
  for (const file of TABLE_FILES) {
    const path = procfs.net(file);
    try {
      return { fd: openForReading(path), path };
    } catch (error) {
      failure = worse(failure, unreadable(path, error));
    }
  }
  throw new SourceFailure(failure ?? { code: 'conntrack-missing', path: procfs.net('nf_conntrack') });
}

/** Of two failures the one to tell: a file that is there and cannot be read says more than one that is not there. */
function worse(a: Unreadable | undefined, b: Unreadable): Unreadable {
  return a === undefined || (a.code === 'conntrack-missing' && b.code !== 'conntrack-missing') ? b : a;
}

function unreadable(path: string, error: unknown): Unreadable {
  const code = systemCode(error);
  if (code === 'ENOENT') return { code: 'conntrack-missing', path };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'conntrack-permission', path };
  return { code: 'conntrack-failed', path, reason: systemReason(error) };
}
