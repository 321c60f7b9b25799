import type { FlowList } from '../model/flow-list.js';
import type { Renderer, RenderOptions } from './renderer.js';

export type { RenderOptions } from './renderer.js';

/** The output formats, the default first. A new one is a line here and in the registry, and a file. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;

/** The name of an output format. */
export type Format = (typeof FORMATS)[number];

/** Each loaded when it is used: a run uses one, and starts the sooner without the others. */
const renderers = {
  table: async () => (await import('./table.js')).renderTable,
  json: async () => (await import('./json.js')).renderJson,
  ndjson: async () => (await import('./json.js')).renderNdjson,
  csv: async () => (await import('./csv.js')).renderCsv,
} satisfies Record<Format, () => Promise<Renderer>>;

/** The text of rows in a format, in chunks that each end at a line end. */
export async function* render(
  format: Format,
  rows: FlowList,
  options: RenderOptions,
): AsyncGenerator<string, void, undefined> {
  const renderer = await renderers[format]();
  yield* renderer(rows, options);
}
