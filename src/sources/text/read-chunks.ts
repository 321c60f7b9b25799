import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { HostflowError, systemCode, systemErrorCode, systemReason } from '../../model/errors.js';
import { fill } from './fill.js';
import type { ReadAhead } from './read-ahead.js';

/**
 * procfs gives at most a page a read: a stream would make each a hop through the thread pool, four times the cost of
 * reading synchronously. So much is read before it is handed on.
 */
const CHUNK_BYTES = 1 << 18;
/** Less, so that the thread does not wait for long while the first lines are parsed, for which code is still cold. */
const CHUNK_BYTES_BEFORE_THREAD = 1 << 14;
/** The bytes of an open file, in large chunks that hold until the next one is asked for. Closes the file. */
export async function* readChunks(fd: number): AsyncGenerator<Uint8Array> {
  if (!fstatSync(fd).isFile()) {
    // A FIFO or a process substitution: reading it synchronously would block everything else.
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
 * As {@link readChunks}, of a table that the kernel writes while it is read: a thread does that while this one parses.
 * Until the thread is there, and where none can be had, it is read here.
 */
export async function* readTableChunks(fd: number, ahead: ReadAhead): AsyncGenerator<Uint8Array> {
  try {
    // For the news that the thread is there to come in.
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

/**
 * The bytes of standard input, in chunks that hold until the next one is asked for; `stream` is the same as a stream.
 *
 * Read synchronously, which costs less: nothing else is to be done before it ends. A pipe that somebody made
 * non-blocking cannot be read so, and is read as a stream from there on.
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

/** How many bytes were read; undefined where none are there yet and the system does not wait for them. */
function readUnlessBusy(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Opens a file for reading; a directory fails here, as it does at its first read. */
export function openForReading(path: string): number {
  const fd = openSync(path, 'r');
  if (!fstatSync(fd).isDirectory()) return fd;
  closeSync(fd);
  throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
}

/** What to tell where reading `name` failed. */
export function readFailure(name: string, error: unknown): HostflowError {
  if (error instanceof HostflowError) return error;
  const code = systemCode(error);
  const remedy =
    code === 'ENOENT' || code === 'EISDIR'
      ? ' (give a file of conntrack text, or - for standard input)'
      : code === 'EACCES'
        ? ' (try sudo)'
        : '';
  return new HostflowError(systemErrorCode(error), `cannot read ${name}: ${systemReason(error)}${remedy}`);
}
