import type { Counter } from '../../parsers/counter.js';
import { limitRows, someRow, type FlowList } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import { sanitizeText } from '../model/sanitize.js';
import type { Traffic, TrafficRate } from '../model/traffic.js';
import { batchLines } from './batch-lines.js';
import type { RenderOptions } from './renderer.js';

/** One field of a record. An absent value is an empty field. */
export type CsvField<T> = readonly [name: string, value: (record: T) => string | Counter | undefined];

/** The fields that identify the flow, and its number of connections. */
export const identityFields: readonly CsvField<FlowRow>[] = [
  ['direction', ({ key }) => key.direction],
  ['protocol', ({ key }) => key.protocol],
  ['local_addr', ({ key }) => key.local.addr],
  ['local_port', ({ key }) => key.local.port],
  ['peer_addr', ({ key }) => key.peer.addr],
  ['peer_port', ({ key }) => key.peer.port],
  ['peer_name', ({ name }) => name],
  ['via_addr', ({ key }) => key.via?.addr],
  ['via_port', ({ key }) => key.via?.port],
  ['connections', ({ connections }) => connections],
];

/** The four numbers of some traffic. @param name makes the name of a field */
export function trafficFields<T>(
  name: (which: string) => string,
  trafficOf: (record: T) => Traffic | TrafficRate | null | undefined,
): CsvField<T>[] {
  return (['inbound', 'outbound'] as const).flatMap((way) =>
    (['packets', 'bytes'] as const).map((unit): CsvField<T> => [
      name(`${way}_${unit}`),
      (record) => trafficOf(record)?.[way][unit],
    ]),
  );
}

const fields: readonly CsvField<FlowRow>[] = [
  ...identityFields,
  ...trafficFields<FlowRow>(
    (which) => which,
    ({ total }) => total,
  ),
  ['source', ({ source }) => source],
];

/** The fields that most listings do not have. They come last, and only if any flow has them. */
const detailFields: readonly CsvField<FlowRow>[] = [
  ['zone', ({ key }) => key.zone],
  ['state', ({ key }) => key.state],
];

/** The further fields of flows that were measured over time. */
const measuredFields: typeof fields = [
  ...trafficFields<FlowRow>(
    (which) => `${which}_per_second`,
    ({ rate }) => rate,
  ),
  ['live', ({ live }) => live],
];

/** Text that needs no quotes and no cleaning. Nearly all fields match. */
const plain = /^[ !#-+\--~]*$/;

/** Quotes a field by RFC 4180, section 2: if it has a comma, a quote or a line break. Quotes inside are doubled. */
function csvField(value: string | Counter | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  if (plain.test(value)) return value;
  const text = sanitizeText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The heading line. It walks the same fields as {@link csvRecord}, so that they cannot get out of step. */
export function csvHeader<T>(fields: readonly CsvField<T>[]): string {
  return `${fields.map(([name]) => name).join(',')}\r\n`;
}

/** One record, its line end included. */
export function csvRecord<T>(fields: readonly CsvField<T>[], record: T): string {
  let line = '';
  let separator = '';
  for (const [, value] of fields) {
    line += separator + csvField(value(record));
    separator = ',';
  }
  return `${line}\r\n`;
}

function* lines(rows: FlowList, withRates: boolean): Generator<string, void, undefined> {
  const details = detailFields.filter(([, value]) => someRow(rows, (row) => value(row) !== undefined));
  const all = [...fields, ...(withRates ? measuredFields : []), ...details];
  yield csvHeader(all);
  for (const row of rows) yield csvRecord(all, row);
}

/** Prints comma-separated values by RFC 4180, with a heading line. */
export function renderCsv(rows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitRows(rows, options.limit), options.rates ?? false));
}
