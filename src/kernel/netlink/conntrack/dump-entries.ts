import { ask, dump } from '../dump-messages.js';
import { findAttribute } from '../message/attribute.js';
import { malformed, NetlinkError } from '../netlink-error.js';
import type { NetlinkSocket } from '../socket/netlink-socket.js';
import { NFGENMSG_BYTES } from './ctnetlink-constants.js';
import type { ConntrackRecord } from './conntrack-record.js';

/**
 * `IPCTNL_MSG_*`, with `NFNL_SUBSYS_CTNETLINK` (1) in the upper byte. `IPCTNL_MSG_CT_GET_CTRZERO` is not here: it would set the
 * counters back for every other reader.
 */
export const CONNTRACK_MESSAGE = {
  /** An entry in a dump; in an event, a new or changed entry. */
  new: 0x100,
  get: 0x101,
  delete: 0x102,
} as const;
/** `NFNLGRP_CONNTRACK_*`: the multicast groups for the events of entries. */
export const CONNTRACK_GROUP = { new: 1, update: 2, destroy: 3 } as const;

/** `nfgen_family`; `AF_UNSPEC` stands for every family. */
const FAMILY = { ipv4: 2, ipv6: 10, both: 0 } as const;

/** `IPCTNL_MSG_CT_GET_STATS`, with `NFNL_SUBSYS_CTNETLINK` (1) in the upper byte; since Linux 3.6. */
const GET_STATS = 0x105;
const CTA_STATS_GLOBAL_ENTRIES = 1;
const COUNT_BYTES = 4;

/** Takes the entries of a dump. */
export interface ConntrackVisitor {
  /** Called before the dump, and again before each repetition: forget the entries that came until then. */
  restart(): void;
  /** `record` is reused for the next entry. */
  entry(record: ConntrackRecord): void;
}

/** The outcome of a dump. */
export interface ConntrackDump {
  /** The number of entries that the visitor got. */
  entries: number;
  /** The number of entries that the kernel sent a second time. The visitor did not get them. */
  repeated: number;
}

/**
 * Dumps the connection-tracking table of the socket's namespace (`NETLINK_PROTOCOL.netfilter`), each entry once. Every entry
 * that exists throughout the dump is in it.
 * @throws NetlinkError `not-permitted` without CAP_NET_ADMIN, and as `dump` does
 */
export async function dumpConntrack(
  socket: NetlinkSocket,
  visitor: ConntrackVisitor,
  family: keyof typeof FAMILY = 'both',
): Promise<ConntrackDump> {
  let result = { entries: 0, repeated: 0 };
  // All namespaces share one hash table. Without entries of this namespace, its walk takes tens of milliseconds for nothing.
  if ((await countConntrack(socket)) === 0) {
    visitor.restart();
    return result;
  }
  // A table without entries needs neither, so they are loaded here.
  const [{ ConntrackRecord }, { SeenEntries }] = await Promise.all([
    import('./conntrack-record.js'),
    import('./seen-entries.js'),
  ]);
  const record = new ConntrackRecord();
  let seen = new SeenEntries();
  const body = new Uint8Array(NFGENMSG_BYTES);
  body[0] = FAMILY[family];
  await dump(
    socket,
    { asked: 'conntrack table', type: CONNTRACK_MESSAGE.get, body },
    {
      restart() {
        result = { entries: 0, repeated: 0 };
        seen = new SeenEntries();
        visitor.restart();
      },
      message(view, header) {
        if (header.type !== CONNTRACK_MESSAGE.new) {
          throw malformed(`type ${header.type} in a dump of the conntrack table`, header.bodyAt);
        }
        record.read(view, header.bodyAt, header.end);
        if (seen.seeAgain(record)) {
          result.repeated++;
          return;
        }
        result.entries++;
        visitor.entry(record);
      },
    },
  );
  return result;
}

/**
 * Counts the entries in the namespace of the socket (`NETLINK_PROTOCOL.netfilter`), including those that are not in the table
 * yet. The kernel keeps this number, so it walks no table. The result is undefined if the kernel does not know the request.
 * @throws NetlinkError `not-permitted` without CAP_NET_ADMIN, and as `ask` does
 * @internal
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
