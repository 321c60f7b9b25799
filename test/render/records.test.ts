import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sanitizeText } from '../../src/model/sanitize.js';
import type { FlowRow } from '../../src/model/flow-row.js';
import { RECORD_FORMATS, renderRecords, type RecordedInterval } from '../../src/render/records.js';
import { arbitraryMeasuredRow, exampleRow } from '../support/row-arbitrary.js';
import { syntheticInterval } from '../support/synthetic-flows.js';

const arbitraryInterval: fc.Arbitrary<RecordedInterval> = fc.record({
  start: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
  seconds: fc.constantFrom(2, 2.000123, 0.5),
  rows: fc.array(arbitraryMeasuredRow, { maxLength: 8 }),
});

const UNITS = ['inbound_packets', 'inbound_bytes', 'outbound_packets', 'outbound_bytes'] as const;

/** All that a record says, as text, in the order of the CSV fields. */
function expected({ start, seconds }: RecordedInterval, row: FlowRow): string[] {
  const { key, name, connections, live, source } = row;
  const { direction, protocol, local, peer, via } = key;
  const end = new Date(start.getTime() + Math.round(seconds * 1000));
  const traffic = (['delta', 'rate', 'total'] as const).flatMap((which) => {
    const { inbound, outbound } = row[which] ?? {};
    return [inbound?.packets, inbound?.bytes, outbound?.packets, outbound?.bytes];
  });
  return [
    ...[end.toISOString(), seconds, direction, protocol, local.addr, local.port],
    ...[peer.addr, peer.port, name, via?.addr, via?.port, connections, live, source, ...traffic],
  ].map((value) => sanitizeText(String(value ?? '')));
}

function expectedOf(intervals: readonly RecordedInterval[]): string[][] {
  return intervals.flatMap((interval) => Array.from(interval.rows, (row) => expected(interval, row)));
}

async function chunksOf(format: 'ndjson' | 'csv', intervals: RecordedInterval[]): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of renderRecords(format, intervals)) chunks.push(chunk);
  return chunks;
}

/** `JSON.parse` would round long numbers, so they are read as text. */
function parseExactly(line: string): Record<string, unknown> {
  return JSON.parse(line.replace(/(":)(-?[0-9][0-9.e+-]*)(?=[,}])/g, '$1"$2"')) as Record<string, unknown>;
}

function valuesOf(record: Record<string, unknown>): string[] {
  type Part = Record<string, string> | null | undefined;
  const part = (name: string): Part => record[name] as Part;
  const [local, peer, via] = [part('local'), part('peer'), part('via')];
  const traffic = ['delta', 'rate', 'total'].flatMap((name) => UNITS.map((unit) => part(name)?.[unit]));
  return [
    ...[record['time'], record['interval'], record['direction'], record['protocol']],
    ...[local?.['addr'], local?.['port'], peer?.['addr'], peer?.['port'], peer?.['name']],
    ...[via?.['addr'], via?.['port'], record['connections'], record['live']],
    ...[record['source'], ...traffic],
  ].map((value) => (typeof value === 'string' ? value : ''));
}

test('ndjson reads back, every digit of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryInterval, { maxLength: 4 }), async (intervals) => {
      const lines = (await chunksOf('ndjson', intervals)).join('').split('\n');
      assert.equal(lines.pop(), '');
      const records = lines.map((line) => valuesOf(parseExactly(line)));
      assert.deepEqual(records, expectedOf(intervals));
    }),
  );
});

test('csv reads back, under one header', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryInterval, { minLength: 1, maxLength: 4 }), async (intervals) => {
      const text = (await chunksOf('csv', intervals)).join('');
      const [header, ...records] = text
        .split('\r\n')
        .slice(0, -1)
        .map((line) =>
          [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/g)]
            .map((match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
            .slice(0, 26),
        );
      assert.deepEqual(header?.slice(0, 3), ['time', 'interval', 'direction']);
      assert.deepEqual(header.slice(11, 14), ['connections', 'live', 'source']);
      assert.deepEqual(header.slice(-5), ['rate_outbound_bytes', ...UNITS.map((unit) => `total_${unit}`)]);
      assert.deepEqual(records, expectedOf(intervals));
    }),
  );
});

test('a record has the documented keys in the documented order, and the end of its interval as its time', async () => {
  const row = exampleRow({
    live: 3,
    delta: { inbound: { packets: 3, bytes: 301 }, outbound: { packets: 2, bytes: 2 } },
    rate: { inbound: { packets: 1.5, bytes: 150.5 }, outbound: { packets: 1, bytes: 1 } },
  });
  const interval = { start: new Date('2026-03-01T10:00:00.000Z'), seconds: 2.0004, rows: [row] };
  assert.deepEqual(await chunksOf('ndjson', [interval]), [
    '{"time":"2026-03-01T10:00:02.000Z","interval":2.0004,"direction":"active","protocol":"tcp",' +
      '"local":{"addr":"10.0.1.9","port":"many"},"peer":{"addr":"10.0.1.10","port":"3306"},' +
      '"connections":22,"live":3,"source":"conntrack",' +
      '"delta":{"inbound_packets":3,"inbound_bytes":301,"outbound_packets":2,"outbound_bytes":2},' +
      '"rate":{"inbound_packets":1.5,"inbound_bytes":150.5,"outbound_packets":1,"outbound_bytes":1},' +
      '"total":{"inbound_packets":423101,"inbound_bytes":1127428915,' +
      '"outbound_packets":391822,"outbound_bytes":222717542}}\n',
  ]);
  assert.deepEqual((await chunksOf('csv', [interval])).join('').split('\r\n').slice(1), [
    '2026-03-01T10:00:02.000Z,2.0004,active,tcp,10.0.1.9,many,10.0.1.10,3306,,,,22,3,conntrack,' +
      '3,301,2,2,1.5,150.5,1,1,423101,1127428915,391822,222717542,',
    '',
  ]);
});

test('a chunk an interval, which ends at a line end; the next interval is asked for after it', async () => {
  for (const format of RECORD_FORMATS) {
    let made = 0;
    const intervals = (function* (): Generator<RecordedInterval> {
      while (made < 3) {
        made += 1;
        yield { start: new Date(made * 2000), seconds: 2, rows: syntheticInterval(4, made).rows };
      }
    })();
    let taken = 0;
    for await (const chunk of renderRecords(format, intervals)) {
      taken += 1;
      assert.equal(made, taken);
      assert.ok(chunk.endsWith('\n'));
      assert.equal(chunk.trimEnd().split('\n').length, format === 'csv' && taken === 1 ? 5 : 4);
    }
  }
});

test('without flows there is only the header', async () => {
  const nothing = { start: new Date(0), seconds: 2, rows: [] };
  assert.deepEqual(await chunksOf('ndjson', [nothing, nothing]), []);
  assert.equal((await chunksOf('csv', [nothing, nothing])).length, 1);
});
