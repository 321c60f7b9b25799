import type { FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { batchLines } from './batch-lines.js';
import { csvHeader, csvRecord, identityFields, trafficFields, type CsvField } from './csv.js';
import { identityJson, trafficJson } from './host-flow.js';

/** The formats of records over time. @internal */
export const RECORD_FORMATS = ['ndjson', 'csv'] as const;

/** One of {@link RECORD_FORMATS}. */
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** The part of an interval that is recorded. */
export type RecordedInterval = Pick<Interval, 'start' | 'seconds' | 'rows'>;

/**
 * The records of intervals, in chunks that end at a line end; a chunk never holds records of two intervals. Takes an interval only
 * when all chunks of the one before are taken, so that a slow reader gets fewer and longer intervals, if the caller makes them
 * when they are asked for.
 */
export async function* renderRecords(
  format: RecordFormat,
  intervals: AsyncIterable<RecordedInterval> | Iterable<RecordedInterval>,
): AsyncGenerator<string, void, undefined> {
  const { header, lines } = formats[format];
  let isFirst = true;
  for await (const interval of intervals) {
    yield* batchLines(isFirst && header !== '' ? withHeader(header, lines(interval)) : lines(interval));
    isFirst = false;
  }
}

function* withHeader(header: string, lines: Iterable<string>): Generator<string, void, undefined> {
  yield header;
  yield* lines;
}

/** A record bears the end of its interval. */
function endOf({ start, seconds }: RecordedInterval): string {
  return new Date(start.getTime() + Math.round(seconds * 1000)).toISOString();
}

function* ndjsonLines(interval: RecordedInterval): Generator<string, void, undefined> {
  const start = `{"time":"${endOf(interval)}","interval":${interval.seconds},`;
  for (const row of interval.rows) {
    yield (
      `${start}${identityJson(row)},"source":"${row.source}","delta":${trafficJson(row.delta)}` +
      `,"rate":${trafficJson(row.rate)},"total":${trafficJson(row.total)}}\n`
    );
  }
}

interface CsvRow {
  row: FlowRow;
  time: string;
  seconds: number;
}

const csvFields: readonly CsvField<CsvRow>[] = [
  ['time', ({ time }) => time],
  ['interval', ({ seconds }) => seconds],
  ...identityFields.map(([name, value]): CsvField<CsvRow> => [name, ({ row }) => value(row)]),
  ['live', ({ row }) => row.live],
  ['source', ({ row }) => row.source],
  ...trafficFields<CsvRow>(
    (which) => `delta_${which}`,
    ({ row }) => row.delta,
  ),
  ...trafficFields<CsvRow>(
    (which) => `rate_${which}`,
    ({ row }) => row.rate,
  ),
  ...trafficFields<CsvRow>(
    (which) => `total_${which}`,
    ({ row }) => row.total,
  ),
  // The heading is printed before the flows are known.
  ['zone', ({ row }) => row.key.zone],
];

function* csvLines(interval: RecordedInterval): Generator<string, void, undefined> {
  const time = endOf(interval);
  for (const row of interval.rows) yield csvRecord(csvFields, { row, time, seconds: interval.seconds });
}

const formats = {
  ndjson: { header: '', lines: ndjsonLines },
  csv: { header: csvHeader(csvFields), lines: csvLines },
} satisfies Record<RecordFormat, { header: string; lines: (interval: RecordedInterval) => Iterable<string> }>;
