/** Micro-benchmarks of the parsers on the real captures. They compare versions of one function on one machine. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { Bench } from 'tinybench';
import {
  conntrackEntries,
  formatConntrackEntry,
  isSocketHeader,
  parseConntrackLine,
  parseSocketLine,
} from '../parsers/index.js';
import { markdownTable } from './report/markdown-table.js';
import { ROOT } from './repository.js';

const STREAMED_LINES = 10_000;
const CHUNK_BYTES = 1 << 16;
const MILLISECONDS_EACH = 2000;
const NANOSECONDS_PER_MILLISECOND = 1e6;
const NANOSECONDS_PER_SECOND = 1e9;

function capture(name: string): string[] {
  return readFileSync(new URL(`fixtures/linux-6.18/${name}`, ROOT), 'utf8')
    .trimEnd()
    .split('\n');
}

function chunksOf(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}

const table = capture('nf_conntrack');
const entries = table.map((line) => parseConntrackLine(line));
const sockets = capture('tcp').filter((line) => !isSocketHeader(line));
const streamed = Array.from({ length: STREAMED_LINES }, (_, index) => table[index % table.length] ?? '');
const chunks = chunksOf(Buffer.from(streamed.map((line) => `${line}\n`).join('')));

/** The timed functions and the number of lines in each run. */
const tasks: Record<string, { lines: number; run: () => void | Promise<void> }> = {
  parseConntrackLine: {
    lines: table.length,
    run: () => {
      for (const line of table) parseConntrackLine(line);
    },
  },
  formatConntrackEntry: {
    lines: entries.length,
    run: () => {
      for (const entry of entries) formatConntrackEntry(entry);
    },
  },
  parseSocketLine: {
    lines: sockets.length,
    run: () => {
      for (const line of sockets) parseSocketLine(line);
    },
  },
  'conntrackEntries over a stream': {
    lines: STREAMED_LINES,
    run: async () => {
      let count = 0;
      for await (const { protocol } of conntrackEntries(Readable.from(chunks))) count += protocol.length;
      if (count === 0) throw new Error('the stream gave no entries');
    },
  },
};

const bench = new Bench({ time: MILLISECONDS_EACH });
for (const [name, { run }] of Object.entries(tasks)) bench.add(name, run);
await bench.run();

const rows = bench.tasks.map(({ name, result }) => {
  if (!('latency' in result)) throw new Error(`${name}: ${result.state}`);
  const lines = tasks[name]?.lines ?? NaN;
  const nanoseconds = (result.latency.p50 * NANOSECONDS_PER_MILLISECOND) / lines;
  return [
    name,
    nanoseconds.toFixed(0),
    Math.round(NANOSECONDS_PER_SECOND / nanoseconds).toLocaleString('en'),
    `± ${result.latency.rme.toFixed(1)} %`,
  ];
});
process.stdout.write(
  markdownTable(
    [
      ['function', 'left'],
      ['ns a line, median', 'right'],
      ['lines a second', 'right'],
      ['mean varies by', 'right'],
    ],
    rows,
  ),
);
