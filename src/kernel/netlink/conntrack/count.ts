import { findAttribute } from '../attribute.js';
import { ask } from '../dump-messages.js';
import { NetlinkError } from '../netlink-error.js';
import type { NetlinkSocket } from '../netlink-socket.js';
import { NFGENMSG_BYTES } from './attributes.js';

/** `IPCTNL_MSG_CT_GET_STATS`, with `NFNL_SUBSYS_CTNETLINK` (1) in the upper byte; since Linux 3.6. */
const GET_STATS = 0x105;
const CTA_STATS_GLOBAL_ENTRIES = 1;
const COUNT_BYTES = 4;

/**
 * How many entries the namespace of the socket (`NETLINK_PROTOCOL.netfilter`) has, those included that are not in the table yet;
 * undefined where the kernel does not say. It keeps count: nothing is walked.
 * @throws NetlinkError `not-permitted` without CAP_NET_ADMIN, and as `ask` does
 */
export async function countConntrack(socket: NetlinkSocket): Promise<number | undefined> {
  let count: number | undefined;
  const request = { asked: 'conntrack table', type: GET_STATS, body: new Uint8Array(NFGENMSG_BYTES) };
  try {
    await ask(socket, request, (view, { type, bodyAt, end }) => {
      if (type !== GET_STATS) return;
      const at = findAttribute(view, bodyAt + NFGENMSG_BYTES, end, CTA_STATS_GLOBAL_ENTRIES, COUNT_BYTES);
      if (at >= 0) count = view.getUint32(at);
    });
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'refused') throw error;
  }
  return count;
}
