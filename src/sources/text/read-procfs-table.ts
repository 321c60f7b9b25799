import type { Unreadable } from '../../model/unreadable.js';
import { systemCode, systemReason } from '../../model/errors.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { ReadAhead } from './read-ahead.js';
import { openForReading, readChunks, readFailure, readTableChunks } from './read-chunks.js';
import { readConntrack, type ConntrackConsumer } from './read-conntrack.js';
import { SourceFailure } from '../source.js';

/** The file names of the live table, that of current kernels first. */
const TABLE_FILES = ['nf_conntrack', 'ip_conntrack'];

/**
 * Reads the live table into a consumer that `start` makes. The thread `ahead` reads, if given.
 * @throws SourceFailure if the table cannot be opened, HostflowError if reading it fails
 */
export async function readProcfsTable<Consumer extends ConntrackConsumer>(
  procfs: ProcFs,
  start: (path: string) => Consumer,
  ahead?: ReadAhead,
): Promise<Consumer> {
  const { fd, path } = openTable(procfs);
  const consumer = start(path);
  try {
    await readConntrack(ahead === undefined ? readChunks(fd) : readTableChunks(fd, ahead), consumer);
  } catch (error) {
    throw readFailure(path, error);
  }
  return consumer;
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

/** The failure to report: an unreadable file tells more than a missing one. */
function worse(a: Unreadable | undefined, b: Unreadable): Unreadable {
  return a === undefined || (a.code === 'conntrack-missing' && b.code !== 'conntrack-missing') ? b : a;
}

function unreadable(path: string, error: unknown): Unreadable {
  const code = systemCode(error);
  if (code === 'ENOENT') return { code: 'conntrack-missing', path };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'conntrack-permission', path };
  return { code: 'conntrack-failed', path, reason: systemReason(error) };
}
