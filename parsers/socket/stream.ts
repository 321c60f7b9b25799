import type { Readable } from 'node:stream';
import { parsedLines, type LineStreamOptions } from '../line-stream.js';
import { isSocketHeader, tryParseSocketLine, type SocketParseOptions } from './parse.js';
import type { SocketEntry } from './socket.js';

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
