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

/** Options for reading a stream of lines. */
export interface LineStreamOptions {
  /**
   * Receives malformed lines, numbered from 1, with the line as it came; reading goes on. Without it, the first malformed line is
   * thrown.
   */
  onError?: (error: ParseError, lineNumber: number, line: string) => void;
  /** Ends the reading with the signal's reason, by default an `AbortError`. */
  signal?: AbortSignal;
}

/** Options for reading a stream of conntrack lines. */
export interface ConntrackStreamOptions extends LineStreamOptions, ConntrackParseOptions {}

/**
 * The entries in a stream of conntrack text, as they come: `/proc/net/nf_conntrack`, a file, or the output of
 * `conntrack -L`.
 *
 * The stream is read no faster than the iteration goes, and is closed when the iteration ends.
 * Blank lines, `EXPECTING:` lines and conntrack's own messages are skipped. An entry that conntrack's closing message
 * cut in two is joined again.
 * A line of more than 64 KiB is malformed. Memory stays flat, however long a line is.
 * @throws ParseError on the first malformed line, unless `onError` is given
 * @throws the error of the stream, or the reason of `signal`
 */
export function conntrackEntries(
  readable: Readable,
  options: ConntrackStreamOptions = {},
): AsyncGenerator<ConntrackEntry, void, void> {
  return conntrackLines(readable, isConntrackNoise, tryParseConntrackLine, options);
}

/**
 * The events in the output of `conntrack -E`, as they come. In all else it is like {@link conntrackEntries}.
 * @throws ParseError on the first malformed line, unless `onError` is given
 * @throws the error of the stream, or the reason of `signal`
 */
export function conntrackEvents(
  readable: Readable,
  options: ConntrackStreamOptions = {},
): AsyncGenerator<ConntrackEvent, void, void> {
  return conntrackLines(readable, isForeignLine, tryParseConntrackEvent, options);
}

/**
 * The expectations in `/proc/net/nf_conntrack_expect` or in the output of `conntrack -L expect`. In all else it is like
 * {@link conntrackEntries}.
 * @throws ParseError on the first malformed line, unless `onError` is given
 * @throws the error of the stream, or the reason of `signal`
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

/** Options for reading a stream of socket table rows. */
export interface SocketStreamOptions extends LineStreamOptions, SocketParseOptions {}

/**
 * The sockets in a stream of `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}`, of one table or several.
 *
 * The stream is read no faster than the iteration goes, and is closed when the iteration ends.
 * Header and blank lines are skipped. A line of more than 64 KiB is malformed. Memory stays flat, however long a line
 * is.
 * @throws ParseError on the first malformed line, unless `onError` is given
 * @throws the error of the stream, or the reason of `signal`
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

/** The format of the lines of a stream. */
interface LineFormat<T> {
  /** True for a line to skip: a header, a blank line, a message. */
  isNoise(line: string): boolean;
  /** The part of a line before a foreign message that cut it in two; undefined for any other line. */
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
 * The values in a stream of text, one a line, as they come.
 *
 * The stream is read no faster than the iteration goes, and is destroyed when the iteration ends for any reason.
 * Memory stays flat, however long a line is.
 * @throws ParseError on the first malformed line, unless `onError` is given
 * @throws the error of the stream, or the reason of `signal`
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
    onError(result.error, lineNumber, line);
    return undefined;
  };
  try {
    for await (const raw of lines) {
      lineNumber++;
      // An entry is joined only once, so the joined text is never longer than two lines.
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

/** The lines of a stream. The splitter is loaded only here, so that programs that read no stream do not pay for it. */
async function openLines(readable: Readable, signal: AbortSignal | undefined): Promise<OpenLines> {
  // Without a listener, an error before the splitter listens would end the process.
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
