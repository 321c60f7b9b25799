import type { Diagnostic } from './diagnostics.js';
import type { FlowList } from './flow-list.js';
import type { Losses } from './losses.js';

/**
 * The traffic of a host between two moments. A snapshot is an interval without duration, whose rows have no `delta`.
 *
 * Over time an interval holds the rows that changed in it. Deltas add up: a consumer that wants sums adds them, as a flow that was
 * forgotten starts its `total` again when it returns.
 */
export interface Interval {
  start: Date;
  /** The length by the monotonic clock; 0 for a snapshot. */
  seconds: number;
  rows: FlowList;
  losses: Losses;
  /** Facts that the user should know about the source. The same object as long as a fact holds. */
  notices: readonly Diagnostic[];
}
