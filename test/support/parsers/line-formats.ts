import type fc from 'fast-check';
import {
  conntrackEntry,
  conntrackEvent,
  conntrackEventLine,
  conntrackExpectation,
  conntrackExpectationLine,
  conntrackLine,
  socketEntry,
  socketLine,
} from '../../../parsers/arbitraries/index.js';
import {
  formatConntrackEntry,
  formatConntrackEvent,
  formatConntrackExpectation,
  formatSocketEntry,
  tryParseConntrackEvent,
  tryParseConntrackExpectation,
  tryParseConntrackLine,
  tryParseSocketLine,
  type ConntrackEntry,
  type ConntrackEvent,
  type ConntrackExpectation,
  type ParseResult,
  type SocketEntry,
} from '../../../parsers/index.js';
import { SOCKET_STYLES } from '../../../parsers/socket/format-socket.js';

/** The result of any parser. */
export type Parsed = ConntrackEntry | ConntrackEvent | ConntrackExpectation | SocketEntry;

/** A format in one of its styles, with all that there is for it. Its values are whatever `tryParse` gives. */
export interface LineFormat<T = Parsed> {
  readonly name: string;
  readonly value: fc.Arbitrary<T>;
  readonly line: fc.Arbitrary<string>;
  readonly tryParse: (line: string) => ParseResult<T>;
  format(value: T): string;
}

function lineFormat<T extends Parsed>(format: LineFormat<T>): LineFormat {
  return format;
}

/** Every format in every style. */
export const LINE_FORMATS: readonly LineFormat[] = [
  ...(['nf_conntrack', 'ip_conntrack', 'conntrack', 'conntrack-extended'] as const).map((style) =>
    lineFormat({
      name: `entries as ${style}`,
      value: conntrackEntry(),
      line: conntrackLine(style),
      tryParse: (line) => tryParseConntrackLine(line),
      format: (entry) => formatConntrackEntry(entry, style),
    }),
  ),
  ...(['conntrack', 'conntrack-extended'] as const).map((style) =>
    lineFormat({
      name: `events as ${style}`,
      value: conntrackEvent(),
      line: conntrackEventLine(style),
      tryParse: (line) => tryParseConntrackEvent(line),
      format: (event) => formatConntrackEvent(event, style),
    }),
  ),
  ...(['nf_conntrack_expect', 'ip_conntrack_expect', 'ip_conntrack', 'conntrack'] as const).map((style) =>
    lineFormat({
      name: `expectations as ${style}`,
      value: conntrackExpectation(),
      line: conntrackExpectationLine(style),
      tryParse: (line) => tryParseConntrackExpectation(line),
      format: (expectation) => formatConntrackExpectation(expectation, style),
    }),
  ),
  ...SOCKET_STYLES.flatMap((style) =>
    (['little', 'big'] as const).map((byteOrder) =>
      lineFormat({
        name: `sockets as ${style}, ${byteOrder} endian`,
        value: socketEntry(style),
        line: socketLine(style),
        tryParse: (line) => tryParseSocketLine(line, { byteOrder }),
        format: (entry) => formatSocketEntry(entry, style, { byteOrder }),
      }),
    ),
  ),
];
