import type { Extent } from './entries.js';
import { mostEntries } from './live-entries.js';
import { mostSockets } from './live-sockets.js';

const FLOWS = 4000;
const SOCKETS = 50_000;
const TABLE_ROWS = 20_000;
/** The least number of entries a host flow has on average. */
const FEWEST_ENTRIES_OF_FLOW = 4;

/** The sizes of the inputs for the table of targets. */
export interface Scale {
  /** The usual text. */
  usual: Extent;
  /** The live table. */
  live: Extent;
  sockets: number;
  /** Number of rows of the printed table. */
  rows: number;
}

/** The sizes for this many entries, within the limits of this machine. */
export function chooseScale(entries: number): Scale {
  const liveEntries = Math.min(entries, mostEntries());
  // Each pair of sockets is one entry. They fill at most half of the table.
  const sockets = Math.min(SOCKETS, mostSockets(), liveEntries);
  return {
    usual: { entries, flows: flowsOf(entries) },
    live: { entries: liveEntries, flows: flowsOf(liveEntries) },
    sockets: sockets - (sockets % 2),
    rows: TABLE_ROWS,
  };
}

function flowsOf(entries: number): number {
  return Math.max(1, Math.min(FLOWS, Math.floor(entries / FEWEST_ENTRIES_OF_FLOW)));
}
