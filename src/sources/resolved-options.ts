import type { AddressSet } from '../model/address-set.js';
import type { FlowFilter } from '../model/filter.js';
import type { Grouping } from '../model/grouping.js';
import type { SortKey } from '../model/order.js';

/** Where records come from, the default first. */
export const SOURCES = ['auto', 'netlink', 'procfs', 'sockets'] as const;

/** One of {@link SOURCES}. */
export type SourceChoice = (typeof SOURCES)[number];

/** Conntrack text from elsewhere than the live table. */
export interface Input {
  /** What messages call it. */
  name: string;
  /** A path, or the bytes themselves. */
  from: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What to read, and which host flows to make of it; every value checked. */
export interface ResolvedOptions {
  procfsRoot: string;
  /** Whether only files are read: a procfs was named. */
  filesOnly: boolean;
  pid: number | undefined;
  /** The name of a network namespace (`ip netns`). */
  netns: string | undefined;
  input: Input | undefined;
  /** Which addresses are local; undefined means the host's own. */
  local: AddressSet | undefined;
  source: SourceChoice;
  filter: FlowFilter;
  grouping: Grouping;
  sortKey: SortKey;
  reverse: boolean;
  /** Peers beyond this many flows need no name; 0 means all. */
  limit: number;
  /** Whether to look names up. */
  names: boolean;
  strict: boolean;
}
