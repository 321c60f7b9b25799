import { SummedFlows } from '../engine/summed-flows.js';
import { limitRows, withNames, type FlowList } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import { groupRows } from '../model/grouping.js';
import { orderRows, type RowOrder } from '../model/order.js';
import type { ResolvedOptions } from './options.js';

/** Filtered rows, ready to be shown: grouped and in order. @param seconds the length of the interval, for rates */
export function arrange(
  rows: readonly FlowRow[] | SummedFlows,
  { grouping, sortKey, reverse }: ResolvedOptions,
  by: RowOrder['by'] = 'total',
  seconds = 0,
): FlowList {
  return rows instanceof SummedFlows && grouping === 'flow'
    ? rows.inOrder(sortKey, reverse)
    : orderRows(groupRows(rows, grouping, seconds), { key: sortKey, by, reverse });
}

/** Looks up the names of the peers that the limit leaves, if they are wanted. */
export async function nameRows(rows: FlowList, { names, limit }: ResolvedOptions): Promise<FlowList> {
  if (!names) return rows;
  // Loaded here, as DNS takes its time to load and most scripts do without names.
  const { resolvePeerNames } = await import('../names/resolve-names.js');
  const addresses = new Set<string>();
  for (const { key } of limitRows(rows, limit)) addresses.add(key.peer.addr);
  return withNames(rows, await resolvePeerNames([...addresses]));
}
