import { limitRows, type FlowList } from '../model/flow-list.js';
import { batchLines } from './batch-lines.js';
import { hostFlowJson } from './host-flow.js';
import type { RenderOptions } from './renderer.js';

function* arrayLines(rows: FlowList): Generator<string, void, undefined> {
  if (rows.length === 0) {
    yield '[]\n';
    return;
  }
  yield '[\n';
  let last = '';
  for (const row of rows) {
    if (last !== '') yield `${last},\n`;
    last = hostFlowJson(row);
  }
  yield `${last}\n]\n`;
}

function* lines(rows: FlowList): Generator<string, void, undefined> {
  for (const row of rows) yield `${hostFlowJson(row)}\n`;
}

/** Prints one JSON array, with an object on each line. */
export function renderJson(rows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(arrayLines(limitRows(rows, options.limit)));
}

/** Prints a JSON object on each line, without an array around them. */
export function renderNdjson(rows: FlowList, options: RenderOptions): Iterable<string> {
  return batchLines(lines(limitRows(rows, options.limit)));
}
