/** The streams of every format give what the lines give, wherever the bytes are cut and however the lines end. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  conntrackEventLine,
  conntrackExpectationLine,
  conntrackLine,
  mutatedLine,
  socketLine,
} from '../../parsers/arbitraries/index.js';
import {
  conntrackEntries,
  conntrackEvents,
  conntrackExpectations,
  socketEntries,
  tryParseConntrackEvent,
  tryParseConntrackExpectation,
  tryParseConntrackLine,
  tryParseSocketLine,
  type LineStreamOptions,
  type ParseResult,
} from '../../parsers/index.js';

interface StreamFormat {
  name: string;
  line: fc.Arbitrary<string>;
  tryParse: (line: string) => ParseResult<unknown>;
  stream: (readable: Readable, options: LineStreamOptions) => AsyncIterable<unknown>;
}

const STREAMS: readonly StreamFormat[] = [
  {
    name: 'conntrackEntries',
    line: conntrackLine(),
    tryParse: (line) => tryParseConntrackLine(line),
    stream: conntrackEntries,
  },
  {
    name: 'conntrackEvents',
    line: conntrackEventLine(),
    tryParse: (line) => tryParseConntrackEvent(line),
    stream: conntrackEvents,
  },
  {
    name: 'conntrackExpectations',
    line: conntrackExpectationLine(),
    tryParse: (line) => tryParseConntrackExpectation(line),
    stream: conntrackExpectations,
  },
  {
    name: 'socketEntries',
    line: socketLine(),
    tryParse: (line) => tryParseSocketLine(line),
    stream: socketEntries,
  },
];

/** Cuts bytes at the given places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** Values and errors in the order in which they come, errors by line number and code. */
async function outcome(format: StreamFormat, chunks: readonly Buffer[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const onError: LineStreamOptions['onError'] = (error, lineNumber) => {
    seen.push(`${lineNumber} ${error.code}`);
  };
  for await (const value of format.stream(Readable.from(chunks), { onError })) seen.push(value);
  return seen;
}

/** Lines that a stream skips, and differences that count in a stream but not in a line. */
function isOrdinary(line: Buffer | string): boolean {
  const text = line.toString();
  return !/^\s*$|^EXPECTING: |^nfct_|conntrack v|^\s*sl\s|^\uFEFF/.test(text);
}

for (const format of STREAMS) {
  test(`${format.name}: the same for any chunks and line ends, also of mutated lines`, async () => {
    const line = fc.oneof(format.line, mutatedLine(format.line)).filter(isOrdinary);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (lines, places, end, endsLast) => {
          const parts = lines.flatMap((each, index) => {
            const bytes = typeof each === 'string' ? Buffer.from(each) : each;
            return index === lines.length - 1 && !endsLast ? [bytes] : [bytes, Buffer.from(end)];
          });
          const expected = lines.map((each, index) => {
            const result = format.tryParse(each.toString());
            return result.ok ? result.value : `${index + 1} ${result.error.code}`;
          });
          assert.deepEqual(await outcome(format, cutAt(Buffer.concat(parts), places)), expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`${format.name}: the same a byte at a time`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(format.line.filter(isOrdinary), { maxLength: 3 }), async (lines) => {
        const bytes = Buffer.from(lines.join('\r\n'));
        const single = Array.from(bytes, (byte) => Buffer.of(byte));
        assert.deepEqual(await outcome(format, single), await outcome(format, [bytes]));
      }),
      { numRuns: 20 },
    );
  });
}
