import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { dumpConntrack } from '../../../src/kernel/netlink/conntrack/dump-entries.js';
import { conntrackEntryOf } from './entry-of-record.js';
import { dumpSockets, type DiagTable } from '../../../src/kernel/netlink/inet-diag/dump-sockets.js';
import { diagSocketOf, type DiagSocket } from './socket-of-record.js';
import type { NetworkNamespace } from '../../../src/kernel/netlink/socket/namespace.js';
import {
  NETLINK_PROTOCOL,
  openNetlink,
  type NetlinkSocket,
} from '../../../src/kernel/netlink/socket/netlink-socket.js';

/** Opens a socket for as long as `body` takes. */
export async function withSocket<T>(
  protocol: keyof typeof NETLINK_PROTOCOL,
  namespace: NetworkNamespace,
  body: (socket: NetlinkSocket) => Promise<T>,
): Promise<T> {
  const socket = await openNetlink({ protocol: NETLINK_PROTOCOL[protocol], namespace });
  try {
    return await body(socket);
  } finally {
    await socket.close();
  }
}

/** The conntrack table of a namespace. */
export function entriesOf(namespace: NetworkNamespace): Promise<ConntrackEntry[]> {
  return withSocket('netfilter', namespace, async (socket) => {
    const entries: ConntrackEntry[] = [];
    await dumpConntrack(socket, {
      restart: () => (entries.length = 0),
      entry: (record) => entries.push(conntrackEntryOf(record, { nowMilliseconds: Date.now() })),
    });
    return entries;
  });
}

/** A socket table of a namespace. */
export function socketsOf(namespace: NetworkNamespace, table: DiagTable): Promise<DiagSocket[]> {
  return withSocket('sockDiag', namespace, async (socket) => {
    const sockets: DiagSocket[] = [];
    await dumpSockets(socket, table, {
      restart: () => (sockets.length = 0),
      socket: (record) => sockets.push(diagSocketOf(record)),
    });
    return sockets;
  });
}

/** An entry without what text and netlink cannot have alike, to compare the two. */
export function comparable(entry: ConntrackEntry): Record<string, unknown> {
  const { timeoutSeconds, deltaTimeSeconds, zone, ...rest } = entry;
  const copy: Record<string, unknown> = { ...rest };
  for (const onlyOne of ['use', 'id', 'helper', 'labels', 'greTimeouts', 'startTime', 'stopTime']) {
    Reflect.deleteProperty(copy, onlyOne);
  }
  return {
    ...copy,
    hasTimeout: timeoutSeconds !== undefined,
    hasAge: deltaTimeSeconds !== undefined,
    ...(zone === undefined || zone === 0 ? {} : { zone }),
  };
}

/** In an order of our own, by all that there is. */
export function inOrder<T>(values: readonly T[]): T[] {
  const key = (value: T): string =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
  return [...values].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
