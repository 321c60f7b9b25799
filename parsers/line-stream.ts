import type { Readable } from 'node:stream';
import type { ParseError, ParseResult } from './errors.js';
import { lineTooLong, MAX_LINE_BYTES } from './lines.js';

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

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * The values in a stream of text, one a line, as they come. Reads no faster than it is iterated over; memory stays
 * flat, however long a line is.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export async function* parsedLines<T>(
  readable: Readable,
  format: LineFormat<T>,
  { onError, signal }: LineStreamOptions,
): AsyncGenerator<T, void, void> {
  let lineNumber = 0;
  let interrupted = '';
  const parse = function* (line: string): Generator<T, void, void> {
    const isTooLong = Buffer.byteLength(line) > MAX_LINE_BYTES;
    const result: ParseResult<T> = isTooLong ? { ok: false, error: lineTooLong(line) } : format.parse(line);
    if (result.ok) yield result.value;
    else if (onError === undefined) throw result.error;
    else onError(result.error, lineNumber);
  };
  for await (const raw of textLines(readable, signal)) {
    lineNumber++;
    // Once per entry: what is put together stays as short as two lines.
    const wasInterrupted = interrupted !== '';
    const line = interrupted + (lineNumber === 1 ? raw.replace(BYTE_ORDER_MARK, '') : raw);
    interrupted = '';
    if (format.isNoise(line)) continue;
    const beginning = wasInterrupted ? undefined : format.beforeInterruption?.(line);
    if (beginning === undefined) yield* parse(line);
    else interrupted = beginning;
  }
  if (interrupted !== '') yield* parse(interrupted);
}

/** The lines of a stream. What splits it is loaded only here: who reads no stream shall not pay for it. */
async function* textLines(
  readable: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  // Until the splitting listens for it, an error would end the process.
  const keep = (): void => undefined;
  readable.on('error', keep);
  try {
    const { splitLines } = await import('./split-lines.js');
    if (readable.errored !== null) throw readable.errored;
    yield* splitLines(readable, signal);
  } finally {
    readable.off('error', keep);
  }
}
