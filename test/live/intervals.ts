import type { FlowRow } from '../../src/model/flow-row.js';
import type { Interval } from '../../src/model/interval.js';
import { sumTraffic } from '../../src/model/traffic.js';
import type { ViewedInterval } from '../../src/live/view-state.js';

/** The interval as an account hands it over. */
export function accounted({ rows, seconds, losses }: Omit<ViewedInterval, 'departed'>): Interval {
  return { start: new Date(0), seconds, rows: [...rows], losses, notices: [] };
}

/** The last of these intervals as the screen shows it after all of them. Each must have the same rows, in the same order. */
export function shownAfter(intervals: readonly ViewedInterval[]): ViewedInterval {
  const last = intervals.at(-1);
  if (last === undefined) throw new Error('no interval');
  const rows = last.rows.map((row, index): FlowRow => {
    const deltas = intervals.map((interval) => interval.rows[index]?.delta);
    return { ...row, total: sumTraffic(deltas) };
  });
  const elapsedSeconds = intervals.reduce((sum, { seconds }) => sum + seconds, 0);
  return { ...last, rows, elapsedSeconds };
}
