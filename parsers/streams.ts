import type { Readable } from 'node:stream';
import type { ConntrackEntry } from './conntrack/entry.js';
import { tryParseConntrackEvent } from './conntrack/event-line.js';
import type { ConntrackEvent } from './conntrack/event.js';
import { tryParseConntrackExpectation } from './conntrack/expectation-line.js';
import type { ConntrackExpectation } from './conntrack/expectation.js';
import { beforeTrailer, isConntrackNoise, isForeignLine } from './conntrack/noise.js';
import { tryParseConntrackLine, type ConntrackParseOptions } from './conntrack/parse-entry.js';
import { ParseError, type ParseResult } from './parse-error.js';
import { isSocketHeader, tryParseSocketLine, type SocketParseOptions } from './socket/parse-socket.js';
import type { SocketEntry } from './socket/socket-entry.js';

/** How to read a stream of lines. */
export interface LineStreamOptions {
  /** Takes malformed lines, numbered from 1, and lets the reading go on; without it they are thrown. */
  onError?: (error: ParseError, lineNumber: number) => void;
  /** Ends the reading with its reason, by default an `AbortError`. */
  signal?: AbortSignal;
}

/** How to read a stream of conntrack lines. */
export interface ConntrackStreamOptions extends LineStreamOptions, ConntrackParseOptions {}

/**
 * The entries of a stream of conntrack text, as they come: `/proc/net/nf_conntrack`, a file, `conntrack -L`'s output.
 *
 * Reads no faster than it is iterated over, and closes the stream when the iteration ends. Blank lines, `EXPECTING:`
 * lines and conntrack's own messages are passed over; an entry that its closing message cut in two is put together
 * again. A line of more than 64 KiB is malformed, whatever its length; memory stays flat.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export function conntrackEntries(
  readable: Readable,
  options: ConntrackStreamOptions = {},
): AsyncGenerator<ConntrackEntry, void, void> {
  return conntrackLines(readable, isConntrackNoise, tryParseConntrackLine, options);
}

/**
 * The events of a stream of `conntrack -E`'s output, as they come; otherwise as {@link conntrackEntries}.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export function conntrackEvents(
  readable: Readable,
  options: ConntrackStreamOptions = {},
): AsyncGenerator<ConntrackEvent, void, void> {
  return conntrackLines(readable, isForeignLine, tryParseConntrackEvent, options);
}

/**
 * The expectations of a stream of `/proc/net/nf_conntrack_expect` or of `conntrack -L expect`'s output; otherwise as
 * {@link conntrackEntries}.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export function conntrackExpectations(
  readable: Readable,
  options: ConntrackStreamOptions = {},
): AsyncGenerator<ConntrackExpectation, void, void> {
  return conntrackLines(readable, isForeignLine, tryParseConntrackExpectation, options);
}

function conntrackLines<T>(
  readable: Readable,
  isNoise: (line: string) => boolean,
  tryParse: (line: string, options: ConntrackParseOptions) => ParseResult<T>,
  options: ConntrackStreamOptions,
): AsyncGenerator<T, void, void> {
  const parse = (line: string): ParseResult<T> => tryParse(line, options);
  return parsedLines(readable, { isNoise, beforeInterruption: beforeTrailer, parse }, options);
}

/** How to read a stream of the rows of socket tables. */
export interface SocketStreamOptions extends LineStreamOptions, SocketParseOptions {}

/**
 * The sockets of a stream of `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}`, one table or several.
 *
 * Reads no faster than it is iterated over, and closes the stream when the iteration ends. Header and blank lines are
 * passed over. A line of more than 64 KiB is malformed, whatever its length; memory stays flat.
 * @throws ParseError on the first malformed line, unless `onError` takes it; what the stream or `signal` fails with.
 */
export function socketEntries(
  readable: Readable,
  options: SocketStreamOptions = {},
): AsyncGenerator<SocketEntry, void, void> {
  return parsedLines(
    readable,
    {
      isNoise: (line) => line.trim() === '' || isSocketHeader(line),
      parse: (line) => tryParseSocketLine(line, options),
    },
    options,
  );
}

/** What the lines of a stream are. */
interface LineFormat<T> {
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
async function* parsedLines<T>(
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
