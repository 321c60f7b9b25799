import { isDeepStrictEqual } from 'node:util';
import { beforeTrailer, isConntrackNoise, isForeignLine } from '../../parsers/conntrack/noise.js';
import { ConntrackLineParser } from '../../parsers/conntrack/parse-entry.js';
import {
  formatConntrackEntry,
  formatConntrackEvent,
  formatConntrackExpectation,
  formatSocketEntry,
  isSocketHeader,
  tryParseConntrackEvent,
  tryParseConntrackExpectation,
  tryParseConntrackLine,
  tryParseSocketLine,
  type ParseResult,
  type SocketEntry,
} from '../../parsers/index.js';
import type { Parsed } from '../../test/support/parsers/line-formats.js';
import { brokenRule } from '../../test/support/parsers/result-rules.js';
import { isSayable } from '../../test/support/parsers/sayable.js';

/** A function that accepts any line. */
export interface Target {
  readonly name: string;
  /** Beginnings of lines that lead to each part of the function; a complete line comes last. */
  readonly heads: readonly string[];
  /** Passes the line to the function. Returns the fault of the result, or undefined. An exception is a crash. */
  readonly check: (text: string, bytes: Buffer) => string | undefined;
}

const TUPLE = 'src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2';
const ENTRY = `tcp      6 5 CLOSE ${TUPLE} packets=1 bytes=2 src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 packets=3 bytes=4`;
const GRE = 'gre      47 5 timeout=3, stream_timeout=4 src=192.0.2.1 dst=192.0.2.2 srckey=0x1 dstkey=0x2';
const EXPECTATION = `5 l3proto = 2 proto=6 ${TUPLE} mask-src=192.0.2.1 mask-dst=192.0.2.2 sport=0 dport=0`;
const SOCKET =
  '   4: 0100007F:0FA1 0100007F:9C3A 08 00000000:00001389 00:00000000 00000000     0        0 10830 1 0 20 4 10 10 -1';
const ENTRY_HEADS = ['', 'ipv4     2 tcp      6 ', `${GRE} `, `${ENTRY} [ASSURED] secctx=a `, `${ENTRY} `];

/** Checks the rules for a result, and that the result reads the same after printing. */
function checked<T extends Parsed>(
  tryParse: (line: string) => ParseResult<T>,
  format: (value: T) => string,
): Target['check'] {
  return (text) => {
    const result = tryParse(text);
    const broken = brokenRule(text, result);
    if (broken !== undefined || !result.ok || !isSayable(result.value)) return broken;
    const print = format(result.value);
    return isDeepStrictEqual(tryParse(print), result)
      ? undefined
      : `reads differently when printed as ${JSON.stringify(print)}`;
  };
}

function predicate(ask: (line: string) => unknown): Target['check'] {
  return (text) => {
    ask(text);
    return undefined;
  };
}

const parser = new ConntrackLineParser();

function checkBytes(text: string, bytes: Buffer): string | undefined {
  return brokenRule(text, parser.parse(bytes, 0, bytes.length));
}

function printSocket(entry: SocketEntry): string {
  return formatSocketEntry(entry, entry.family === 'ipv4' ? 'tcp' : 'tcp6');
}

const NOISE_HEADS = ['', 'conntrack v', 'conntrack v1 (conntrack-tools): 1', `${ENTRY} conntrack v1.4.7 `];

/** Every parser, and every predicate applied to a line before it is parsed. */
export const TARGETS: readonly Target[] = [
  {
    name: 'tryParseConntrackLine',
    heads: ENTRY_HEADS,
    check: checked(
      (line) => tryParseConntrackLine(line),
      (entry) => formatConntrackEntry(entry),
    ),
  },
  { name: 'ConntrackLineParser', heads: ENTRY_HEADS, check: checkBytes },
  {
    name: 'tryParseConntrackEvent',
    heads: ['', '[1', '[1.1]\t [UPDATE] ', `    [NEW] ${ENTRY} [USERSPACE] portid=1 `, `    [NEW] ${ENTRY} `],
    check: checked(
      (line) => tryParseConntrackEvent(line),
      (event) => formatConntrackEvent(event),
    ),
  },
  {
    name: 'tryParseConntrackExpectation',
    heads: ['', 'EXPECTING: ', '5 l3proto = 2 ', `5 proto=6 ${TUPLE} `, `${EXPECTATION} `],
    check: checked(
      (line) => tryParseConntrackExpectation(line),
      // This style has a key for each field.
      (expectation) => formatConntrackExpectation(expectation, 'conntrack'),
    ),
  },
  {
    name: 'tryParseSocketLine',
    heads: ['', '   1: ', SOCKET.slice(0, 59), SOCKET.slice(0, 91), `${SOCKET} `],
    check: checked((line) => tryParseSocketLine(line), printSocket),
  },
  { name: 'isSocketHeader', heads: ['', '  sl', '  sl  '], check: predicate(isSocketHeader) },
  { name: 'isConntrackNoise', heads: NOISE_HEADS, check: predicate(isConntrackNoise) },
  { name: 'isForeignLine', heads: NOISE_HEADS, check: predicate(isForeignLine) },
  { name: 'beforeTrailer', heads: NOISE_HEADS, check: predicate(beforeTrailer) },
];
