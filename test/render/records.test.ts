import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sanitizeText } from '../../src/model/sanitize.js';
import type { FlowRate } from '../../src/model/rates.js';
import { RECORD_FORMATS, renderRecords, type RecordedInterval } from '../../src/render/records.js';
import { arbitraryRate } from '../support/rate-arbitrary.js';
import { syntheticInterval } from '../support/synthetic-flows.js';

const arbitraryInterval: fc.Arbitrary<RecordedInterval> = fc.record({
  time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
  seconds: fc.constantFrom(2, 2.000123, 0.5),
  flows: fc.array(arbitraryRate, { maxLength: 8 }),
});

const UNITS = ['inbound_packets', 'inbound_bytes', 'outbound_packets', 'outbound_bytes'] as const;

/** All that a record says, as text, in the order of the CSV fields. */
function expected({ time, seconds }: RecordedInterval, flow: FlowRate): string[] {
  const { direction, protocol, local, peer, via, connections, source } = flow;
  const traffic = (['delta', 'rate', 'total'] as const).flatMap((name) => {
    const { inbound, outbound } = flow[name] ?? {};
    return [inbound?.packets, inbound?.bytes, outbound?.packets, outbound?.bytes];
  });
  return [
    ...[time.toISOString(), seconds, direction, protocol, local.addr, local.port],
    ...[peer.addr, peer.port, peer.name, via?.addr, via?.port, connections, source, ...traffic],
  ].map((value) => sanitizeText(String(value ?? '')));
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
    ...[via?.['addr'], via?.['port'], record['connections'], record['source'], ...traffic],
  ].map((value) => (typeof value === 'string' ? value : ''));
}

test('ndjson reads back, every digit of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryInterval, { maxLength: 4 }), async (intervals) => {
      const lines = (await chunksOf('ndjson', intervals)).join('').split('\n');
      assert.equal(lines.pop(), '');
      const records = lines.map((line) => valuesOf(parseExactly(line)));
      assert.deepEqual(
        records,
        intervals.flatMap((interval) => interval.flows.map((flow) => expected(interval, flow))),
      );
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
            .slice(0, 25),
        );
      assert.deepEqual(header?.slice(0, 3), ['time', 'interval', 'direction']);
      assert.deepEqual(header.slice(-5), ['rate_outbound_bytes', ...UNITS.map((unit) => `total_${unit}`)]);
      assert.deepEqual(
        records,
        intervals.flatMap((interval) => interval.flows.map((flow) => expected(interval, flow))),
      );
    }),
  );
});

test('a chunk an interval, which ends at a line end; the next interval is asked for after it', async () => {
  for (const format of RECORD_FORMATS) {
    let made = 0;
    const intervals = (function* (): Generator<RecordedInterval> {
      while (made < 3) {
        made += 1;
        yield { time: new Date(made * 2000), seconds: 2, flows: syntheticInterval(4, made).flows };
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
  const nothing = { time: new Date(0), seconds: 2, flows: [] };
  assert.deepEqual(await chunksOf('ndjson', [nothing, nothing]), []);
  assert.equal((await chunksOf('csv', [nothing, nothing])).length, 1);
});
