import type { Extent } from './entries.js';
import { mostEntries } from './live-entries.js';
import { mostSockets } from './live-sockets.js';

const FLOWS = 4000;
const SOCKETS = 50_000;
const TABLE_ROWS = 20_000;
/** A host flow has at least so many entries on average, however few there are. */
const FEWEST_ENTRIES_OF_FLOW = 4;

/** How much of everything the table of targets is measured on. */
export interface Scale {
  /** The usual text. */
  usual: Extent;
  /** The live table. */
  live: Extent;
  sockets: number;
  /** Rows of the printed table. */
  rows: number;
}

/** The sizes for that many entries, within the limits of this machine. */
export function chooseScale(entries: number): Scale {
  const liveEntries = Math.min(entries, mostEntries());
  // Each pair of sockets is an entry; half of the table at most.
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
