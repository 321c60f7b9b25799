import type { Readable } from 'node:stream';
import { ParseError, type ParseResult } from './errors.js';

/** How to read a stream of lines. */
export interface LineStreamOptions {
  /** Takes malformed lines, numbered from 1, and lets the reading go on; without it they are thrown. */
  onError?: (error: ParseError, lineNumber: number) => void;
  /** Ends the reading with its reason, by default an `AbortError`. */
  signal?: AbortSignal;
}

/** What the lines of a stream are. */
export interface LineFormat<T> {
  /** Whether a line is to be passed over: a header, a blank line, a message. */
  isNoise(line: string): boolean;
  /** The part of a line behind which a foreign message cut it in two; undefined for any other line. */
  beforeInterruption?(line: string): string | undefined;
  parse(line: string): ParseResult<T>;
}

interface OpenLines {
  readonly lines: AsyncIterable<string>;
  readonly tooLong: (line: string) => ParseError | undefined;
  readonly release: () => void;
}

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * The values in a stream of text, one a line, as they come. Reads no faster than it is iterated over; memory stays
 * flat, however long a line is. The stream is destroyed when the iteration ends, however that comes about.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export async function* parsedLines<T>(
  readable: Readable,
  format: LineFormat<T>,
  { onError, signal }: LineStreamOptions,
): AsyncGenerator<T, void, void> {
  let lineNumber = 0;
  let interrupted = '';
  const { lines, tooLong, release } = await openLines(readable, signal);
  const valueOf = (line: string): T | undefined => {
    const error = tooLong(line);
    const result: ParseResult<T> = error === undefined ? format.parse(line) : { ok: false, error };
    if (result.ok) return result.value;
    if (onError === undefined) throw result.error;
    onError(result.error, lineNumber);
    return undefined;
  };
  try {
    for await (const raw of lines) {
      lineNumber++;
      // Once per entry: what is put together stays as short as two lines.
      const wasInterrupted = interrupted !== '';
      const line = interrupted + (lineNumber === 1 ? raw.replace(BYTE_ORDER_MARK, '') : raw);
      interrupted = '';
      if (format.isNoise(line)) continue;
      const beginning = wasInterrupted ? undefined : format.beforeInterruption?.(line);
      if (beginning !== undefined) {
        interrupted = beginning;
        continue;
      }
      const value = valueOf(line);
      if (value !== undefined) yield value;
    }
    if (interrupted === '') return;
    const value = valueOf(interrupted);
    if (value !== undefined) yield value;
  } catch (error) {
    if (!(error instanceof ParseError)) signal?.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

/** The lines of a stream. What splits it is loaded only here: who reads no stream shall not pay for it. */
async function openLines(readable: Readable, signal: AbortSignal | undefined): Promise<OpenLines> {
  // Until the splitting listens for it, an error would end the process.
  const keep = (): void => undefined;
  readable.on('error', keep);
  const { splitLines, tooLong } = await import('./split-lines.js');
  const lines = splitLines(readable);
  const stop = (): void => {
    lines.destroy(new Error('The reading was aborted'));
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const release = (): void => {
    signal?.removeEventListener('abort', stop);
    readable.off('error', keep);
  };
  return { lines: lines as AsyncIterable<string>, tooLong, release };
}
