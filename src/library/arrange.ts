import { SummedFlows } from '../engine/summed-flows.js';
import { limitRows, withNames, type FlowList } from '../model/flow-list.js';
import { groupRows } from '../model/grouping.js';
import { orderRows, type RowOrder } from '../model/order.js';
import type { ResolvedOptions } from './options.js';

/** Groups and orders filtered rows. @param seconds the length of the interval, for rates */
export function arrange(
  rows: FlowList,
  { grouping, sortKey, reverse }: ResolvedOptions,
  by: RowOrder['by'] = 'total',
  seconds = 0,
): FlowList {
  return rows instanceof SummedFlows && grouping === 'flow'
    ? rows.inOrder(sortKey, reverse)
    : orderRows(groupRows(rows, grouping, seconds), { key: sortKey, by, reverse });
}

/** Looks up the names of the peers within the limit, if names are wanted. */
export async function nameRows(rows: FlowList, { names, limit }: ResolvedOptions): Promise<FlowList> {
  if (!names) return rows;
  // Loaded here, as the DNS module loads slowly and most scripts want no names.
  const { resolvePeerNames } = await import('../names/resolve-names.js');
  const addresses = new Set<string>();
  for (const { key } of limitRows(rows, limit)) addresses.add(key.peer.addr);
  return withNames(rows, await resolvePeerNames([...addresses]));
}
