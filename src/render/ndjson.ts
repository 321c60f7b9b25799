import type { HostFlow } from '../flows/host-flow.js';
import { batchLines } from './batch-lines.js';
import { flowJson } from './json.js';
import { limitFlows, type RenderOptions } from './renderer.js';

function* lines(flows: readonly HostFlow[]): Generator<string, void, undefined> {
  for (const flow of flows) yield `${flowJson(flow)}\n`;
}

/** The objects of the JSON array, a line each, without the array. */
export function renderNdjson(flows: readonly HostFlow[], options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitFlows(flows, options.limit)));
}
