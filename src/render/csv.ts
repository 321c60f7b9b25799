import type { Counter } from '../../parsers/counter.js';
import type { HostFlow } from '../flows/host-flow.js';
import { batchLines } from './batch-lines.js';
import { limitFlows, type RenderOptions } from './renderer.js';
import { sanitizeText } from '../sanitize.js';

/** The header and the fields cannot get out of step: a row is made by walking these. An absent value is an empty field. */
const fields: readonly (readonly [name: string, value: (flow: HostFlow) => string | Counter | undefined])[] =
  [
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

/** RFC 4180, section 2: a field with a comma, a quote or a line break stands in quotes, quotes doubled. */
function csvField(value: string | Counter | undefined): string {
  if (value === undefined) return '';
  const text = sanitizeText(String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* lines(flows: readonly HostFlow[], withRates: boolean): Generator<string, void, undefined> {
  const all = withRates ? [...fields, ...rateFields] : fields;
  yield `${all.map(([name]) => name).join(',')}\r\n`;
  for (const flow of flows) yield `${all.map(([, value]) => csvField(value(flow))).join(',')}\r\n`;
}

/** Comma-separated values after RFC 4180, with a header line. */
export function renderCsv(flows: readonly HostFlow[], options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitFlows(flows, options.limit), options.rates ?? false));
}
