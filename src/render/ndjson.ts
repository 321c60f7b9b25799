import { limitFlows, type FlowList } from '../model/flow-list.js';
import { batchLines } from './batch-lines.js';
import { flowJson } from './json.js';
import type { RenderOptions } from './renderer.js';

function* lines(flows: FlowList): Generator<string, void, undefined> {
  for (const flow of flows) yield `${flowJson(flow)}\n`;
}

/** The objects of the JSON array, a line each, without the array. */
export function renderNdjson(flows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitFlows(flows, options.limit)));
}
