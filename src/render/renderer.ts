import type { FlowList } from '../model/flow-list.js';

/** The presentation of a listing. A renderer ignores options that its format has no use for. */
export interface RenderOptions {
  /** True for sizes such as `1.05 GiB`, false for exact ones. Concerns the table only. */
  human: boolean;
  /** The width of the terminal in columns; undefined if the output is no terminal. Concerns the table only. */
  columns?: number | undefined;
  /** The number of flows to print; 0 prints all. */
  limit: number;
  /** True to show rates. Concerns the table and CSV. JSON shows every field that a row has. */
  rates?: boolean;
}

/** Prints rows as chunks, each for one write. A chunk ends with a line end. */
export type Renderer = (rows: FlowList, options: RenderOptions) => Iterable<string> | AsyncIterable<string>;
