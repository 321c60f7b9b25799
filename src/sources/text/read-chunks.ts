import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { either, HostflowError, systemCode, systemErrorCode, systemReason } from '../../model/errors.js';
import type { ReadAhead } from './read-ahead.js';

/**
 * The length of a chunk. procfs returns at most a page for each read. A stream would send each read through the thread pool, at four
 * times the cost of reading synchronously.
 */
const CHUNK_BYTES = 1 << 18;
/** The length of the first chunks. They are short because their lines are parsed slowly by cold code, and the thread waits for that. */
const CHUNK_BYTES_BEFORE_THREAD = 1 << 14;

/** Yields the bytes of an open file. A chunk is valid until the next one is requested. Closes the file. */
export async function* readChunks(fd: number): AsyncGenerator<Uint8Array> {
  if (!fstatSync(fd).isFile()) {
    // Reading a FIFO or a process substitution synchronously would block everything else.
    for await (const chunk of createReadStream('', { fd, highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
    return;
  }
  try {
    yield* readFile(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Like {@link readChunks}, for a table that the kernel makes while it is read. The thread `ahead` reads while this one parses. Before
 * the thread is ready, or if there is none, this thread reads.
 */
export async function* readTableChunks(fd: number, ahead: ReadAhead): AsyncGenerator<Uint8Array> {
  try {
    // Lets the message that the thread is ready come in.
    await setImmediate();
    for (const chunk of ahead.isReady ? [] : readFile(fd, CHUNK_BYTES_BEFORE_THREAD)) {
      yield chunk;
      await setImmediate();
      if (ahead.isReady) break;
    }
    if (ahead.isReady) yield* ahead.chunks(fd, CHUNK_BYTES);
  } finally {
    await ahead.close();
    closeSync(fd);
  }
}

function* readFile(fd: number, chunkBytes = CHUNK_BYTES): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let filled = fill(fd, buffer); filled > 0; filled = fill(fd, buffer)) {
    yield buffer.subarray(0, filled);
  }
}

/** Reads until `buffer` is full or the file ends. @returns the number of bytes read */
function fill(fd: number, buffer: Uint8Array): number {
  let filled = 0;
  while (filled < buffer.length) {
    const got = readSync(fd, buffer, filled, buffer.length - filled, null);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/**
 * Yields the bytes of standard input. A chunk is valid until the next one is requested.
 *
 * It is read synchronously, which costs less, as nothing else is done meanwhile. A non-blocking pipe cannot be read so. It is read
 * from `stream`, which is standard input too.
 */
export async function* readStandardInput(
  fd: number,
  stream: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const got = readUnlessBusy(fd, buffer);
    if (got === undefined) break;
    if (got === 0) return;
    yield buffer.subarray(0, got);
  }
  yield* stream();
}

/** Reads into `buffer`. @returns the number of bytes; undefined if a non-blocking file has none yet */
function readUnlessBusy(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Opens a file for reading. A directory fails here instead of at its first read. */
export function openForReading(path: string): number {
  const fd = openSync(path, 'r');
  if (!fstatSync(fd).isDirectory()) return fd;
  closeSync(fd);
  throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
}

/** The error for a failure to read `name`. */
export function readFailure(name: string, error: unknown): HostflowError {
  if (error instanceof HostflowError) return error;
  const code = systemCode(error);
  const remedy =
    code === 'ENOENT' || code === 'EISDIR'
      ? ` (give a file of conntrack text${either({ library: '', command: ', or - for standard input' })})`
      : code === 'EACCES'
        ? ` (${either({ library: 'run as root', command: 'try sudo' })})`
        : '';
  return new HostflowError(systemErrorCode(error), `cannot read ${name}: ${systemReason(error)}${remedy}`);
}
