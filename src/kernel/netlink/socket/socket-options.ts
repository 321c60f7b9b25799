import { HOST_IS_LITTLE_ENDIAN } from '../message/byte-order.js';
import { errnoText, isPermission, NetlinkError } from '../netlink-error.js';
import type { LibC } from './libc.js';
import { filterProgram } from './packet-filter.js';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_BROADCAST_ERROR = 4;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** What a netlink socket receives. */
export interface SocketOptions {
  /** Multicast groups to subscribe to (`NFNLGRP_*`, `SKNLGRP_*`). */
  groups?: readonly number[];
  /** Whether the kernel keeps an event that found no room here, and sends it again (`NETLINK_BROADCAST_ERROR`). */
  reliableEvents?: boolean;
  /** What the kernel may hold back until it is read, in bytes; beyond the system's limit only with CAP_NET_ADMIN. */
  receiveBufferBytes?: number;
  /** Which messages of the groups are queued at all: a program of `encodeFilter`. It sees the answers to requests as well. */
  filter?: Uint8Array;
  /** Whether dumps of routes obey what the request says of them; since Linux 4.20, and older ones give everything. */
  filteredDumps?: boolean;
}

/** Sets the options of a socket that is bound, and subscribes it to its groups. @throws NetlinkError `call-failed`, `not-permitted` */
export function setSocketOptions(
  libc: LibC,
  fd: number,
  { groups = [], receiveBufferBytes, filter, filteredDumps = false, reliableEvents = false }: SocketOptions,
): void {
  const setBytes = (level: number, name: number, value: Uint8Array): number =>
    libc.setsockopt(fd, level, name, value, value.length);
  const set = (level: number, name: number, value: number): number => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value, HOST_IS_LITTLE_ENDIAN);
    return setBytes(level, name, bytes);
  };
  // Kernels before 4.12 know neither: their errors have no text.
  set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
  set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
  if (reliableEvents) set(SOL_NETLINK, NETLINK_BROADCAST_ERROR, 1);
  if (filteredDumps) set(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  if (receiveBufferBytes !== undefined && set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferBytes) < 0) {
    set(SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
  }
  if (filter !== undefined) {
    const program = filterProgram(filter, libc.addressOf(filter), libc.pointerBytes);
    must(libc, setBytes(SOL_SOCKET, SO_ATTACH_FILTER, program), 'attach a filter to the netlink socket');
  }
  for (const group of groups) {
    must(libc, set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group), `subscribe to netlink group ${group}`);
  }
}

/** The result of a call, unless it failed. @throws NetlinkError `call-failed`, `not-permitted` */
export function must(libc: LibC, result: number, call: string): number {
  if (result < 0) throw callFailed(libc.errno(), call);
  return result;
}

/** The error for a call that failed. */
export function callFailed(errno: number, call: string): NetlinkError {
  const code = isPermission(errno) ? 'not-permitted' : 'call-failed';
  return new NetlinkError(code, `${call}: ${errnoText(errno)}`, { errno });
}
