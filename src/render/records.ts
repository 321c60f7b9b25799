import type { FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { csvHeader, csvRecord, identityFields, trafficFields, type CsvField } from './csv.js';
import { identityJson, trafficJson } from './host-flow.js';

/** The formats of records over time. */
export const RECORD_FORMATS = ['ndjson', 'csv'] as const;

/** One of {@link RECORD_FORMATS}. */
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** The part of an interval that is recorded. */
export type RecordedInterval = Pick<Interval, 'start' | 'seconds' | 'rows'>;

/**
 * The records of each interval as one chunk, which ends at a line end. Takes an interval only when the one before is taken
 * from it, so that a slow reader gets fewer and longer intervals, if the caller makes them when they are asked for.
 */
export async function* renderRecords(
  format: RecordFormat,
  intervals: AsyncIterable<RecordedInterval> | Iterable<RecordedInterval>,
): AsyncGenerator<string, void, undefined> {
  const { header, chunk } = formats[format];
  let isFirst = true;
  for await (const interval of intervals) {
    const text = (isFirst ? header : '') + chunk(interval);
    isFirst = false;
    if (text !== '') yield text;
  }
}

/** A record bears the end of its interval. */
function endOf({ start, seconds }: RecordedInterval): string {
  return new Date(start.getTime() + Math.round(seconds * 1000)).toISOString();
}

function ndjsonChunk(interval: RecordedInterval): string {
  const start = `{"time":"${endOf(interval)}","interval":${interval.seconds},`;
  let text = '';
  for (const row of interval.rows) {
    text +=
      `${start}${identityJson(row)},"source":"${row.source}","delta":${trafficJson(row.delta)}` +
      `,"rate":${trafficJson(row.rate)},"total":${trafficJson(row.total)}}\n`;
  }
  return text;
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
];

function csvChunk(interval: RecordedInterval): string {
  const time = endOf(interval);
  let text = '';
  for (const row of interval.rows) text += csvRecord(csvFields, { row, time, seconds: interval.seconds });
  return text;
}

const formats = {
  ndjson: { header: '', chunk: ndjsonChunk },
  csv: { header: csvHeader(csvFields), chunk: csvChunk },
} satisfies Record<RecordFormat, { header: string; chunk: (interval: RecordedInterval) => string }>;
