import { limitFlows, type FlowList } from '../model/flow-list.js';
import type { AverageRate, FlowStat, HostFlow, PeerEndpoint } from '../model/host-flow.js';
import { batchLines } from './batch-lines.js';
import type { RenderOptions } from './renderer.js';
import { sanitizeText } from '../model/sanitize.js';

/** An end's members. Addresses and ports are text of our own making; a name is what somebody's DNS says. */
function endpointJson({ addr, port, name }: PeerEndpoint): string {
  const end = `{"addr":"${addr}","port":"${port}"`;
  return name === undefined ? `${end}}` : `${end},"name":${JSON.stringify(sanitizeText(name))}}`;
}

function statJson(stat: FlowStat | null): string {
  if (stat === null) return 'null';
  return (
    `{"total_inbound_packets":${stat.total_inbound_packets},"total_inbound_bytes":${stat.total_inbound_bytes}` +
    `,"total_outbound_packets":${stat.total_outbound_packets},"total_outbound_bytes":${stat.total_outbound_bytes}}`
  );
}

function rateJson(rate: AverageRate | null): string {
  return rate === null ? 'null' : JSON.stringify(rate);
}

/**
 * One flow as a JSON object without line breaks, its keys in the documented order.
 *
 * By hand, since `JSON.stringify` refuses a `bigint`, and a counter beyond 2^53 must still print as a number with all its digits.
 */
export function flowJson(flow: HostFlow): string {
  const rate = flow.rate === undefined ? '' : `,"rate":${rateJson(flow.rate)}`;
  return `{${identityJson(flow)},"stat":${statJson(flow.stat)}${rate},"source":"${flow.source}"}`;
}

/** The members of a flow's object that say which flow it is, and how many connections it has. */
export function identityJson(flow: Omit<HostFlow, 'stat' | 'rate'>): string {
  const via = flow.via === undefined ? '' : `,"via":${endpointJson(flow.via)}`;
  return (
    `"direction":"${flow.direction}","protocol":"${flow.protocol}"` +
    `,"local":${endpointJson(flow.local)},"peer":${endpointJson(flow.peer)}${via}` +
    `,"connections":${flow.connections}`
  );
}

function* arrayLines(flows: FlowList): Generator<string, void, undefined> {
  if (flows.length === 0) {
    yield '[]\n';
    return;
  }
  yield '[\n';
  let last = '';
  for (const flow of flows) {
    if (last !== '') yield `${last},\n`;
    last = flowJson(flow);
  }
  yield `${last}\n]\n`;
}

/** One JSON array, an object a line. */
export function renderJson(flows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(arrayLines(limitFlows(flows, options.limit)));
}
