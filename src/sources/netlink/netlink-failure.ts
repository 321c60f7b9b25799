import type { Unreadable } from '../../model/unreadable.js';
import { NetlinkError } from '../../kernel/netlink/netlink-error.js';
import { SourceFailure } from '../source.js';

/** Runs `body`. @throws SourceFailure instead of NetlinkError */
export async function orFail<T>(
  table: Extract<Unreadable, { code: 'netlink-failed' }>['table'],
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    const { code: failure, message: reason } = error;
    throw new SourceFailure({ code: 'netlink-failed', table, failure, reason });
  }
}
