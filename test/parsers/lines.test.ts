import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import { formatConntrackEntry } from '../../parsers/conntrack/format-entry.js';
import { parseConntrackLine } from '../../parsers/conntrack/parse-entry.js';
import {
  conntrackEntries,
  conntrackEvents,
  conntrackExpectations,
  socketEntries,
} from '../../parsers/streams.js';
import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import { ParseError } from '../../parsers/parse-error.js';
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

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function entriesOf(chunks: Iterable<Buffer>, errors?: string[]): Promise<ConntrackEntry[]> {
  const options = errors && {
    onError: (error: ParseError, lineNumber: number): void => {
      errors.push(`${lineNumber} ${error.code}`);
    },
  };
  return await collected(conntrackEntries(Readable.from(chunks), options));
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

test('an entry that the closing message of conntrack cut in two is put together again', async () => {
  const whole = 'unknown  2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1';
  const message = 'conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.';
  const expected = await entriesOf([Buffer.from(`${whole}\n${whole}\n`)]);
  for (let cut = 0; cut <= whole.length; cut++) {
    const text = `${whole.slice(0, cut)}${message}\n${whole.slice(cut)}\n${whole}`;
    assert.deepEqual(await entriesOf([Buffer.from(text)]), expected, text);
  }
  const last = `${whole}\n${whole}${message}`;
  assert.deepEqual(await entriesOf([Buffer.from(last)]), expected);
  // A message in each line never makes one line of them all.
  const errors: string[] = [];
  await entriesOf([Buffer.from(`x${message}\n`.repeat(4))], errors);
  assert.deepEqual(errors, ['2 not-conntrack', '4 not-conntrack']);
});

test('a byte order mark before the first line is not part of it', async () => {
  const text = '\uFEFFunknown  2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1\n';
  assert.equal((await entriesOf([Buffer.from(text)])).length, 1);
});

test('streams of events, expectations and sockets pass over what is none', async () => {
  const message = 'conntrack v1.4.7 (conntrack-tools): 2 flow events have been shown.';
  const tuples = 'src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1';
  const events = conntrackEvents(
    Readable.from([`  [NEW] unknown 2 5 ${tuples}\n\n[DESTROY] unknown 2 ${tuples}\n${message}\n`]),
  );
  assert.deepEqual(
    (await collected(events)).map(({ type }) => type),
    ['NEW', 'DESTROY'],
  );
  const expectations = conntrackExpectations(
    Readable.from(['- proto=2 src=192.0.2.1 dst=192.0.2.2 \n', 'x']),
    {
      onError: (error, lineNumber) => {
        assert.deepEqual([lineNumber, error.code], [2, 'not-expectation']);
      },
    },
  );
  assert.equal((await collected(expectations)).length, 1);
  const table = await readFile(new URL('../../../fixtures/linux-6.18/tcp6', import.meta.url), 'utf8');
  const sockets = await collected(socketEntries(Readable.from([table, table]), { unmapIpv4: true }));
  assert.equal(sockets.length, 2 * (table.trimEnd().split('\n').length - 1));
});

test('the source is closed when the iteration ends early', async () => {
  const source = Readable.from([
    'unknown 2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1\n'.repeat(3),
  ]);
  for await (const { protocol } of conntrackEntries(source)) {
    assert.equal(protocol, 'unknown');
    break;
  }
  assert.ok(source.destroyed);
});

test('an error of the source reaches the iteration', async () => {
  const broken = new Readable({
    read(): void {
      this.destroy(new Error('the cable is cut'));
    },
  });
  await assert.rejects(collected(conntrackEvents(broken)), /the cable is cut/);
});

test('IPv4-mapped addresses of entries are unmapped on request, and printed mapped again', () => {
  const line =
    'tcp      6 5 CLOSE src=::ffff:192.0.2.1 dst=2001:db8::1 sport=1 dport=2 src=2001:db8::1 dst=::ffff:192.0.2.1 sport=2 dport=1';
  const entry = parseConntrackLine(line, { unmapIpv4: true });
  assert.deepEqual([entry.family, entry.original.source], ['ipv6', '192.0.2.1']);
  assert.equal(formatConntrackEntry(entry, 'conntrack'), line);
});

test('a stream aborted for a reason that is no error ends with that reason, and is closed', async () => {
  const line = 'unknown  2 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1\n';
  const controller = new AbortController();
  const entries = conntrackEntries(Readable.from([line, line]), { signal: controller.signal });
  assert.equal((await entries.next()).done, false);
  controller.abort('enough');
  await assert.rejects(entries.next(), (reason) => reason === 'enough');
});

test('a stream is closed where the reading was aborted before it began', async () => {
  const source = Readable.from(['rubbish']);
  await assert.rejects(collected(conntrackEntries(source, { signal: AbortSignal.abort() })), {
    name: 'AbortError',
  });
  assert.ok(source.destroyed);
});

test('a stream that fails at once fails the iteration', async () => {
  const missing = createReadStream('/no/such/file');
  await assert.rejects(collected(socketEntries(missing)), { code: 'ENOENT' });
});

test('a sink may take lines before their end is known, and gets the others as ever', () => {
  const text = fc
    .array(fc.stringMatching(/^[ab]{0,9}$/), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat()), (joined, places) => {
      const seen: string[] = [];
      const numbers: number[] = [];
      const note = (line: string): void => {
        seen.push(line);
        numbers.push(splitter.lineNumber);
      };
      const splitter = new LineSplitter({
        quick: (bytes, start) => {
          if (bytes[start] !== 'a'.charCodeAt(0)) return -1;
          const end = bytes.indexOf('\n', start);
          seen.push(bytes.toString('latin1', start, end));
          numbers.push(splitter.lineNumber + 1);
          return end;
        },
        line: (bytes, start, end) => {
          note(bytes.toString('latin1', start, end));
        },
        tooLong: () => {
          note('TOO LONG');
        },
      });
      for (const chunk of cutAt(Buffer.from(joined), places)) splitter.push(Buffer.from(chunk));
      splitter.end();
      assert.deepEqual(seen, joined.split('\n').slice(0, -1));
      assert.deepEqual(
        numbers,
        seen.map((_, index) => index + 1),
      );
    }),
  );
});
