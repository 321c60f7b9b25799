import type { Unreadable } from '../diagnostics.js';
import { systemCode, systemReason } from '../errors.js';
import { MalformedLines } from './malformed-lines.js';
import type { ProcFs } from './procfs.js';
import { openForReading, readChunks, readFailure } from './read-chunks.js';
import { readConntrack, type ConntrackConsumer } from './read-conntrack.js';
import { SourceFailure, type TableSource } from './source.js';

/** The names of the live table, the current kernel's first. */
const TABLE_FILES = ['nf_conntrack', 'ip_conntrack'];

/** The table in `net/nf_conntrack`, or in older kernels `net/ip_conntrack`. */
export function procfsTable(procfs: ProcFs): TableSource {
  return {
    name: procfs.net('nf_conntrack'),
    async read(start) {
      const { fd, path } = openTable(procfs);
      const reading = start(path);
      try {
        await reading.read(readChunks(fd));
      } catch (error) {
        throw readFailure(path, error);
      }
      return reading;
    },
  };
}

/** Hands each entry of that table on. @throws SourceFailure where there is none, HostflowError where reading it fails */
export async function readProcfsTable(
  procfs: ProcFs,
  consumer: ConntrackConsumer,
  strict: boolean,
): Promise<MalformedLines> {
  const { fd, path } = openTable(procfs);
  const malformed = new MalformedLines(path, strict);
  try {
    await readConntrack(readChunks(fd), consumer, malformed);
  } catch (error) {
    throw readFailure(path, error);
  }
  return malformed;
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
