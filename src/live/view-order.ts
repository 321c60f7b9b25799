import { orderRows, type RowOrder, type SortKey } from '../model/order.js';
import type { FlowRow } from '../model/flow-row.js';

/** The orders of the live view, the default first. `in`, `out` and `packets` mean current rates. `total` means the bytes so far. */
export const VIEW_SORT_KEYS = ['rate', 'in', 'out', 'packets', 'connections', 'total', 'peer'] as const;

/** One of {@link VIEW_SORT_KEYS}. */
export type ViewSortKey = (typeof VIEW_SORT_KEYS)[number];

/** The order for `--sort`. `bytes` means the current rate here. */
export function viewSortKey(key: SortKey): ViewSortKey {
  return key === 'bytes' ? 'rate' : key;
}

const orders: Record<ViewSortKey, Omit<RowOrder, 'reverse'>> = {
  rate: { key: 'bytes', by: 'delta' },
  in: { key: 'in', by: 'delta' },
  out: { key: 'out', by: 'delta' },
  packets: { key: 'packets', by: 'delta' },
  connections: { key: 'connections', by: 'total' },
  total: { key: 'bytes', by: 'total' },
  peer: { key: 'peer', by: 'total' },
};

/** The rows in order, the biggest first. Rows with equal rates are ordered by their totals. */
export function orderViewed(rows: readonly FlowRow[], sort: ViewSortKey, reverse: boolean): FlowRow[] {
  return orderRows(rows, { ...orders[sort], reverse });
}
