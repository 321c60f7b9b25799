import type { HostFlow } from '../flows/host-flow.js';
import { renderCsv } from './csv.js';
import { renderJson } from './json.js';
import { renderNdjson } from './ndjson.js';
import type { Renderer, RenderOptions } from './renderer.js';
import { renderTable } from './table.js';

export type { RenderOptions } from './renderer.js';

/** The output formats, the default first. A new one is a line here and in the registry, and a file. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;

/** The name of an output format. */
export type Format = (typeof FORMATS)[number];

const renderers = {
  table: renderTable,
  json: renderJson,
  ndjson: renderNdjson,
  csv: renderCsv,
} satisfies Record<Format, Renderer>;

/** The text of host flows in a format, in chunks that each end at a line end; `for await` takes every format alike. */
export function render(
  format: Format,
  flows: readonly HostFlow[],
  options: RenderOptions,
): Iterable<string> | AsyncIterable<string> {
  return renderers[format](flows, options);
}
