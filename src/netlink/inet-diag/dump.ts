import { HOST_IS_LITTLE_ENDIAN } from '../byte-order.js';
import { dump, type DumpRequest } from '../dump.js';
import { malformed } from '../errors.js';
import type { NetlinkSocket } from '../socket.js';
import { DiagRecord } from './record.js';

/** `SOCK_DIAG_BY_FAMILY` */
export const SOCK_DIAG_BY_FAMILY = 20;
/** `TCPDIAG_GETSOCK`: the older request, which knows no families; its answers bear its number. */
const TCPDIAG_GETSOCK = 18;
/** `SKNLGRP_*`: the groups whose members hear of sockets that end. */
export const SOCK_DIAG_GROUP = {
  ipv4TcpDestroy: 1,
  ipv4UdpDestroy: 2,
  ipv6TcpDestroy: 3,
  ipv6UdpDestroy: 4,
} as const;

const FAMILY = { ipv4: 2, ipv6: 10 } as const;
const IP_PROTOCOL = { tcp: 6, udp: 17 } as const;
/**
 * The attributes asked for, as `1 << (INET_DIAG_… - 1)`: `INET_DIAG_INFO` of TCP, and of UDP `INET_DIAG_SKMEMINFO`, which has
 * the drops.
 */
const EXTENSIONS = { tcp: 0x02, udp: 0x40 } as const;
/** Offsets in `struct inet_diag_req_v2`; its `struct inet_diag_sockid`, zero here, follows the states. */
const REQUEST = { family: 0, protocol: 1, extensions: 2, states: 4, bytes: 56 } as const;
/** Offsets in `struct inet_diag_req`, where the states follow the `struct inet_diag_sockid`. */
const OLD_REQUEST = { extensions: 3, states: 52, bytes: 60 } as const;

/**
 * The states that `/proc/net/tcp` shows: all of `net/tcp_states.h` up to NEW_SYN_RECV, a bit each. Not BOUND_INACTIVE (13,
 * since Linux 6.8), which stands for sockets that are bound but neither listen nor connect.
 */
const ALL_STATES = 0x1fff;

/** One of the four tables, or both of TCP's. */
export type DiagTable = (
  | { family: keyof typeof FAMILY; protocol: keyof typeof IP_PROTOCOL }
  /** The kernel walks its hash table of TCP sockets once, and not a second time for the other family. */
  | { family: 'both'; protocol: 'tcp' }
) & {
  /** Only sockets in these states, `1 << state` each; all that /proc shows by default. */
  states?: number;
};

/** Takes the sockets of a dump. */
export interface DiagVisitor {
  /** Before the dump, and again where it has to be repeated: what came until then does not count. */
  restart(): void;
  /** `record` is reused for the next socket. */
  socket(record: DiagRecord): void;
}

/**
 * Dumps the sockets of one table of the namespace of `socket` (`NETLINK_PROTOCOL.sockDiag`). No privilege is needed. The
 * IPv6 tables hold the IPv6 sockets that talk IPv4 too, with mapped addresses.
 * @throws NetlinkError `refused` with `ENOENT` where the kernel has no such table (modules `tcp_diag`, `udp_diag`), and as
 *   `dump` does
 */
export async function dumpSockets(
  socket: NetlinkSocket,
  table: DiagTable,
  visitor: DiagVisitor,
): Promise<void> {
  const record = new DiagRecord();
  const request = requestFor(table);
  await dump(socket, request, {
    restart() {
      visitor.restart();
    },
    message(view, header) {
      if (header.type !== request.type) {
        throw malformed(`type ${header.type} in a dump of sockets`, header.bodyAt);
      }
      record.read(view, header.bodyAt, header.end);
      visitor.socket(record);
    },
  });
}

function requestFor({ family, protocol, states = ALL_STATES }: DiagTable): DumpRequest {
  const asked = `${protocol} sockets over ${family === 'both' ? 'ipv4 and ipv6' : family}`;
  const fields = family === 'both' ? OLD_REQUEST : REQUEST;
  const body = new Uint8Array(fields.bytes);
  body[fields.extensions] = EXTENSIONS[protocol];
  new DataView(body.buffer).setUint32(fields.states, states, HOST_IS_LITTLE_ENDIAN);
  if (family === 'both') return { asked, type: TCPDIAG_GETSOCK, body };
  body[REQUEST.family] = FAMILY[family];
  body[REQUEST.protocol] = IP_PROTOCOL[protocol];
  return { asked, type: SOCK_DIAG_BY_FAMILY, body };
}
