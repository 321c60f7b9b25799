import type { FlowList } from '../model/flow-list.js';
import type { Renderer, RenderOptions } from './renderer.js';

export type { RenderOptions } from './renderer.js';

/** The output formats, the default first. A new format needs a line here, a line in the registry, and a file. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;

/** The name of an output format. */
export type Format = (typeof FORMATS)[number];

/** The renderers. Each is loaded when it is used, as a run needs only one and starts faster without the others. */
const renderers = {
  table: async () => (await import('./table.js')).renderTable,
  json: async () => (await import('./json.js')).renderJson,
  ndjson: async () => (await import('./json.js')).renderNdjson,
  csv: async () => (await import('./csv.js')).renderCsv,
} satisfies Record<Format, () => Promise<Renderer>>;

/** Prints rows in a format, as chunks that each end with a line end. */
export async function* render(
  format: Format,
  rows: FlowList,
  options: RenderOptions,
): AsyncGenerator<string, void, undefined> {
  const renderer = await renderers[format]();
  yield* renderer(rows, options);
}
