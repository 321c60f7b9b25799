import type { FlowList } from '../model/flow-list.js';

/** How a listing is to look. A renderer ignores what its format has no use for. */
export interface RenderOptions {
  /** Sizes as `1.05 GiB` rather than in exact digits. Concerns the table only. */
  human: boolean;
  /** The width of the terminal in columns; `undefined` where the output is not a terminal. Concerns the table only. */
  columns?: number | undefined;
  /** How many flows to print, the first ones; 0 prints all. */
  limit: number;
  /** True if the rows have rates to show. Concerns tables and CSV; JSON shows the fields that a row has. */
  rates?: boolean;
}

/** Rows to text, in chunks fit for one write each; a chunk ends at a line end. */
export type Renderer = (rows: FlowList, options: RenderOptions) => Iterable<string> | AsyncIterable<string>;
