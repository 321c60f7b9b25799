import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import { formatConntrackEntry } from '../../parsers/conntrack/format.js';
import { conntrackEntries } from '../../parsers/conntrack/stream.js';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { ParseError } from '../../parsers/errors.js';
import { LineSplitter, MAX_LINE_BYTES } from '../../parsers/lines.js';

/** Cuts bytes at the given places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

function split(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const splitter = new LineSplitter({
    line: (bytes, start, end) => seen.push(bytes.toString('latin1', start, end)),
    tooLong: () => seen.push('TOO LONG'),
  });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return seen;
}

test('lines come out the same wherever the chunks are cut', () => {
  const text = fc
    .array(fc.stringMatching(/^[ab\r]{0,9}$/), { maxLength: 12 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.array(fc.nat()), (joined, places) => {
      const expected = joined.split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(split(cutAt(Buffer.from(joined), places)), expected);
    }),
  );
});

test('a line is bounded, and the one behind it is whole', () => {
  const longest = 'x'.repeat(MAX_LINE_BYTES);
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 5 }), (places) => {
      assert.deepEqual(split(cutAt(Buffer.from(`${longest}\n${longest}x\nnext`), places)), [
        longest,
        'TOO LONG',
        'next',
      ]);
    }),
    { numRuns: 30 },
  );
});

async function entriesOf(chunks: Iterable<Buffer>, errors?: string[]): Promise<ConntrackEntry[]> {
  const options = errors && {
    onError: (error: ParseError, lineNumber: number): void => {
      errors.push(`${lineNumber} ${error.code}`);
    },
  };
  const entries: ConntrackEntry[] = [];
  for await (const entry of conntrackEntries(Readable.from(chunks), options)) entries.push(entry);
  return entries;
}

test('a stream gives the same entries for any chunks, line ends, and with or without a last newline', async () => {
  const entries = fc.array(conntrackEntry(), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(fc.nat()),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      async (some, places, end, last) => {
        const text = some.map((entry) => formatConntrackEntry(entry)).join(end) + (last ? end : '');
        assert.deepEqual(await entriesOf(cutAt(Buffer.from(text), places)), some);
      },
    ),
    { numRuns: 50 },
  );
});

test('a stream hands malformed lines on, or throws the first', async () => {
  const long = Buffer.alloc(3_000_000, 'x');
  const text = 'unknown  2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1\n\nrubbish\n';
  const errors: string[] = [];
  assert.equal((await entriesOf([Buffer.from(text), long, Buffer.from(`\n${text}`)], errors)).length, 2);
  assert.deepEqual(errors, ['3 not-conntrack', '4 line-too-long', '7 not-conntrack']);
  await assert.rejects(entriesOf([Buffer.from(text)]), ParseError);
});

test('an aborted stream ends with the reason', async () => {
  const controller = new AbortController();
  const endless = Readable.from(
    (function* () {
      for (;;) yield 'unknown  2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1\n';
    })(),
  );
  await assert.rejects(
    async () => {
      for await (const entry of conntrackEntries(endless, { signal: controller.signal })) {
        if (entry.protocol === 'unknown') controller.abort();
      }
    },
    { name: 'AbortError' },
  );
});
