import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

/** The paths of one procfs: `/proc`, one mounted elsewhere, or a saved copy; of one network namespace in it. */
export class ProcFs {
  /** The procfs itself. */
  readonly root: string;
  /** The process whose network namespace is meant, where one was named. */
  readonly pid: number | undefined;

  constructor(root = '/proc', pid?: number) {
    this.root = root;
    this.pid = pid;
  }

  /** Whether this is the running machine's own `/proc`, in the namespace of this process. */
  get isOwn(): boolean {
    return this.root === '/proc' && this.pid === undefined;
  }

  /** The directory of the process whose namespace is meant; undefined where that is the reader's own. */
  get processDirectory(): string | undefined {
    return this.pid === undefined ? undefined : join(this.root, String(this.pid));
  }

  /** Why there is nothing to read here at all, naming the flag; undefined where there is. */
  absence(): string | undefined {
    if (!existsSync(this.root)) return `--proc: no such directory: ${this.root}`;
    const process = this.processDirectory;
    if (process !== undefined && !existsSync(process))
      return `--pid: no such process: ${process} does not exist`;
    try {
      if (readdirSync(this.net('')).length > 0) return undefined;
    } catch {
      // Told below, with the flag that led here.
    }
    return process === undefined
      ? `--proc: not a procfs: nothing in ${this.net('')}`
      : `--pid: nothing in ${this.net('')}: has the process ended?`;
  }

  /** A file of `net/`, which is a namespace's own. */
  net(name: string): string {
    return join(this.processDirectory ?? this.root, 'net', name);
  }

  /** A sysctl by its path under `sys/`; the kernel shows the reader's namespace there, so there is none for `--pid`. */
  sysctl(path: string): string | undefined {
    if (this.pid !== undefined) return undefined;
    try {
      return readFileSync(join(this.root, 'sys', path), 'utf8').trim();
    } catch {
      // A saved copy need not have it, a container may hide it: the caller then knows no setting.
      return undefined;
    }
  }
}

/**
 * procfs gives at most a page a read: a stream would make each a hop through the thread pool, four times the cost of
 * reading synchronously. So much is read before it is handed on.
 */
const CHUNK_BYTES = 1 << 18;

/** The bytes of an open file, in large chunks that hold until the next one is asked for. Closes the file. */
export async function* readChunks(fd: number): AsyncGenerator<Buffer> {
  if (!fstatSync(fd).isFile()) {
    // A FIFO or a process substitution: reading it synchronously would block everything else.
    for await (const chunk of createReadStream('', { fd, highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let filled = fill(fd, buffer); filled > 0; filled = fill(fd, buffer)) {
      yield buffer.subarray(0, filled);
    }
  } finally {
    closeSync(fd);
  }
}

function fill(fd: number, buffer: Buffer): number {
  let filled = 0;
  while (filled < buffer.length) {
    const got = readSync(fd, buffer, filled, buffer.length - filled, null);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/** Opens a file for reading; a directory fails here, as it does at its first read. */
export function openForReading(path: string): number {
  const fd = openSync(path, 'r');
  if (!fstatSync(fd).isDirectory()) return fd;
  closeSync(fd);
  throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
}
