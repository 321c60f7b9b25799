import type { Counter } from '../../parsers/counter.js';
import { limitFlows, type FlowList } from '../model/flow-list.js';
import type { HostFlow } from '../model/host-flow.js';
import { batchLines } from './batch-lines.js';
import type { RenderOptions } from './renderer.js';
import { sanitizeText } from '../model/sanitize.js';

/** One field of a record. An absent value is an empty field. */
export type CsvField<T> = readonly [name: string, value: (record: T) => string | Counter | undefined];

/** Which flow it is, and how many connections it has. */
export const identityFields: readonly CsvField<Omit<HostFlow, 'stat' | 'rate'>>[] = [
  ['direction', (flow) => flow.direction],
  ['protocol', (flow) => flow.protocol],
  ['local_addr', (flow) => flow.local.addr],
  ['local_port', (flow) => flow.local.port],
  ['peer_addr', (flow) => flow.peer.addr],
  ['peer_port', (flow) => flow.peer.port],
  ['peer_name', (flow) => flow.peer.name],
  ['via_addr', (flow) => flow.via?.addr],
  ['via_port', (flow) => flow.via?.port],
  ['connections', (flow) => flow.connections],
];

const fields: readonly CsvField<HostFlow>[] = [
  ...identityFields,
  ['inbound_packets', (flow) => flow.stat?.total_inbound_packets],
  ['inbound_bytes', (flow) => flow.stat?.total_inbound_bytes],
  ['outbound_packets', (flow) => flow.stat?.total_outbound_packets],
  ['outbound_bytes', (flow) => flow.stat?.total_outbound_bytes],
  ['source', (flow) => flow.source],
];

/** Behind the others, where flows were measured over time. */
const rateFields: typeof fields = [
  ['inbound_packets_per_second', (flow) => flow.rate?.inbound_packets],
  ['inbound_bytes_per_second', (flow) => flow.rate?.inbound_bytes],
  ['outbound_packets_per_second', (flow) => flow.rate?.outbound_packets],
  ['outbound_bytes_per_second', (flow) => flow.rate?.outbound_bytes],
];

/** Text that is a field as it is; nearly all is. */
const plain = /^[ !#-+\--~]*$/;

/** RFC 4180, section 2: a field with a comma, a quote or a line break stands in quotes, quotes doubled. */
function csvField(value: string | Counter | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  if (plain.test(value)) return value;
  const text = sanitizeText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The header and the records cannot get out of step: both are made by walking the fields. */
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

function* lines(flows: FlowList, withRates: boolean): Generator<string, void, undefined> {
  const all = withRates ? [...fields, ...rateFields] : fields;
  yield csvHeader(all);
  for (const flow of flows) yield csvRecord(all, flow);
}

/** Comma-separated values after RFC 4180, with a header line. */
export function renderCsv(flows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitFlows(flows, options.limit), options.rates ?? false));
}
