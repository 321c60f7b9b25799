import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import type { ParseError, ParseResult } from '../errors.js';
import { LineBound } from '../line-bound.js';
import { lineTooLong, MAX_LINE_BYTES } from '../lines.js';
import type { ConntrackEntry } from './entry.js';
import { isConntrackNoise } from './noise.js';
import { tryParseConntrackLine } from './parse.js';

/** How to read a stream of lines. */
export interface LineStreamOptions {
  /** Takes malformed lines, numbered from 1, and lets the reading go on; without it they are thrown. */
  onError?: (error: ParseError, lineNumber: number) => void;
  /** Ends the reading with an `AbortError`. */
  signal?: AbortSignal;
}

/**
 * The entries of a stream of conntrack text, as they come: `/proc/net/nf_conntrack`, a file, `conntrack -L`'s output.
 *
 * Reads no faster than it is iterated over. Blank lines and conntrack's own messages are passed over. A line of more
 * than 64 KiB is malformed, whatever its length; memory stays flat.
 * @throws ParseError on the first malformed line, unless `onError` takes it.
 */
export async function* conntrackEntries(
  readable: Readable,
  { onError, signal }: LineStreamOptions = {},
): AsyncGenerator<ConntrackEntry, void, void> {
  const lines = pipeline(readable, new LineBound(MAX_LINE_BYTES), split2(), () => {
    // An error of any of them destroys the last one, and so reaches the loop below.
  });
  const stop = (): void => {
    lines.destroy(signal?.reason instanceof Error ? signal.reason : new Error('The reading was aborted'));
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    let lineNumber = 0;
    for await (const line of lines as AsyncIterable<string>) {
      lineNumber++;
      if (isConntrackNoise(line)) continue;
      const result = parseBounded(line);
      if (result.ok) yield result.value;
      else if (onError === undefined) throw result.error;
      else onError(result.error, lineNumber);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function parseBounded(line: string): ParseResult<ConntrackEntry> {
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return tryParseConntrackLine(line);
  return { ok: false, error: lineTooLong(line) };
}
