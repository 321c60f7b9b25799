import type { Diagnostic } from './diagnostics.js';
import type { FlowList } from './flow-list.js';
import type { Losses } from './losses.js';

/**
 * The traffic of a host between two moments. A snapshot is an interval without duration: its rows have no `delta`.
 *
 * Over time an interval holds only the rows that changed in it. For sums, add deltas: the `total` of a forgotten flow starts again
 * when the flow returns.
 */
export interface Interval {
  start: Date;
  /** The length by the monotonic clock; 0 for a snapshot. */
  seconds: number;
  rows: FlowList;
  losses: Losses;
  /** Facts that the user should know about the source. A fact is the same object for as long as it holds. */
  notices: readonly Diagnostic[];
}
