import type { Readable } from 'node:stream';
import type { ParseResult } from '../errors.js';
import { parsedLines, type LineStreamOptions } from '../line-stream.js';
import type { ConntrackEntry } from './entry.js';
import type { ConntrackEvent } from './event.js';
import type { ConntrackExpectation } from './expectation.js';
import { beforeTrailer, isConntrackNoise, isForeignLine } from './noise.js';
import { tryParseConntrackEvent } from './event-line.js';
import { tryParseConntrackExpectation } from './expectation-line.js';
import { tryParseConntrackLine, type ConntrackParseOptions } from './parse.js';

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
