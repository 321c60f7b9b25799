import type { Counter } from '../../parsers/counter.js';
import type { Traffic } from '../engine/accounting/flow-account.js';
import { csvHeader, csvRecord, identityFields, type CsvField } from './csv.js';
import { identityJson } from './json.js';
import type { FlowRate, TrafficRate } from '../model/rates.js';

/** The formats of records over time. */
export const RECORD_FORMATS = ['ndjson', 'csv'] as const;

/** One of {@link RECORD_FORMATS}. */
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** What is recorded of an interval. */
export interface RecordedInterval {
  /** Its end. */
  time: Date;
  /** How long it was, by the clock. */
  seconds: number;
  flows: readonly FlowRate[];
}

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

function trafficJson(traffic: Traffic | TrafficRate | null): string {
  if (traffic === null) return 'null';
  const { inbound, outbound } = traffic;
  return (
    `{"inbound_packets":${inbound.packets},"inbound_bytes":${inbound.bytes}` +
    `,"outbound_packets":${outbound.packets},"outbound_bytes":${outbound.bytes}}`
  );
}

function ndjsonChunk({ time, seconds, flows }: RecordedInterval): string {
  const start = `{"time":"${time.toISOString()}","interval":${seconds},`;
  return flows
    .map(
      (flow) =>
        `${start}${identityJson(flow)},"source":"${flow.source}","delta":${trafficJson(flow.delta)}` +
        `,"rate":${trafficJson(flow.rate)},"total":${trafficJson(flow.total)}}\n`,
    )
    .join('');
}

interface CsvRow extends FlowRate {
  time: string;
  seconds: number;
}

function trafficFields(name: 'delta' | 'rate' | 'total'): CsvField<CsvRow>[] {
  const field = (
    direction: 'inbound' | 'outbound',
    unit: 'packets' | 'bytes',
  ): CsvField<{ [name in 'delta' | 'rate' | 'total']: Traffic | TrafficRate | null }> => [
    `${name}_${direction}_${unit}`,
    (row): Counter | undefined => row[name]?.[direction][unit],
  ];
  return [
    field('inbound', 'packets'),
    field('inbound', 'bytes'),
    field('outbound', 'packets'),
    field('outbound', 'bytes'),
  ];
}

const csvFields: readonly CsvField<CsvRow>[] = [
  ['time', (row) => row.time],
  ['interval', (row) => row.seconds],
  ...identityFields,
  ['source', (row) => row.source],
  ...trafficFields('delta'),
  ...trafficFields('rate'),
  ...trafficFields('total'),
];

function csvChunk({ time, seconds, flows }: RecordedInterval): string {
  const moment = time.toISOString();
  return flows.map((flow) => csvRecord(csvFields, { ...flow, time: moment, seconds })).join('');
}

const formats = {
  ndjson: { header: '', chunk: ndjsonChunk },
  csv: { header: csvHeader(csvFields), chunk: csvChunk },
} satisfies Record<RecordFormat, { header: string; chunk: (interval: RecordedInterval) => string }>;
