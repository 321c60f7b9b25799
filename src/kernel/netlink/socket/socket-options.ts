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

/** The options that decide which messages a netlink socket receives. */
export interface SocketOptions {
  /** Multicast groups to subscribe to (`NFNLGRP_*`, `SKNLGRP_*`, `RTNLGRP_*`). */
  groups?: readonly number[];
  /** If true, the kernel keeps an event that finds no room here, and sends it again (`NETLINK_BROADCAST_ERROR`). */
  reliableEvents?: boolean;
  /** The most that the kernel queues for this socket. More than the system's limit needs CAP_NET_ADMIN. */
  receiveBufferBytes?: number;
  /** A program of `encodeFilter` that decides which messages are queued. It sees the answers to requests as well. */
  filter?: Uint8Array;
  /** If true, a dump of routes brings those that the request describes. Kernels before 4.20 send all routes nevertheless. */
  filteredDumps?: boolean;
}

/** Sets the options of a bound socket, and subscribes it to its groups. @throws NetlinkError `call-failed`, `not-permitted` */
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
  // Kernels before 4.12 know neither option, and their errors have no text.
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

/** Returns the result of a call that did not fail. @throws NetlinkError `call-failed`, `not-permitted` */
export function must(libc: LibC, result: number, call: string): number {
  if (result < 0) throw callFailed(libc.errno(), call);
  return result;
}

/** The error for a call that failed. */
export function callFailed(errno: number, call: string): NetlinkError {
  const code = isPermission(errno) ? 'not-permitted' : 'call-failed';
  return new NetlinkError(code, `${call}: ${errnoText(errno)}`, { errno });
}
