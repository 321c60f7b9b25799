import { HOST_IS_LITTLE_ENDIAN } from '../message/byte-order.js';
import type { Asker } from '../asker.js';
import type { MessageVisitor } from '../message/dump-reader.js';
import { dump, type DumpRequest } from '../dump-messages.js';
import { malformed } from '../netlink-error.js';
import type { NetlinkSocket } from '../socket/netlink-socket.js';
import { DiagRecord } from './diag-record.js';

/** `SOCK_DIAG_BY_FAMILY` */
export const SOCK_DIAG_BY_FAMILY = 20;
/** `TCPDIAG_GETSOCK`: the older request, which knows no families. Its answers have the same type. */
const TCPDIAG_GETSOCK = 18;
/** `SKNLGRP_*`: the multicast groups for the ends of sockets. */
export const SOCK_DIAG_GROUP = {
  ipv4TcpDestroy: 1,
  ipv4UdpDestroy: 2,
  ipv6TcpDestroy: 3,
  ipv6UdpDestroy: 4,
} as const;

const FAMILY = { ipv4: 2, ipv6: 10 } as const;
const IP_PROTOCOL = { tcp: 6, udp: 17 } as const;
/**
 * The attributes that are asked for, as `1 << (INET_DIAG_… - 1)`: `INET_DIAG_INFO` for TCP; for UDP `INET_DIAG_SKMEMINFO`, which
 * has the drops.
 */
const EXTENSIONS = { tcp: 0x02, udp: 0x40 } as const;
/** Offsets in `struct inet_diag_req_v2`; `id` is its `struct inet_diag_sockid`, which is zero in dumps. */
const REQUEST = {
  family: 0,
  protocol: 1,
  extensions: 2,
  states: 4,
  id: 8,
  cookie: 48,
  bytes: 56,
} as const;
/** Offsets in `struct inet_diag_req`, where the states follow the `struct inet_diag_sockid`. */
const OLD_REQUEST = { extensions: 3, states: 52, bytes: 60 } as const;

/**
 * The states that `/proc/net/tcp` shows, a bit each: all of `net/tcp_states.h` up to NEW_SYN_RECV. BOUND_INACTIVE (13, since
 * Linux 6.8) is left out: such sockets are bound, but neither listen nor connect.
 */
const ALL_STATES = 0x1fff;

/** One of the four tables. */
interface FamilyTable {
  family: keyof typeof FAMILY;
  protocol: keyof typeof IP_PROTOCOL;
  /** The states to dump, `1 << state` each; by default all states that /proc shows. */
  states?: number;
}

/** One of the four tables, or both tables of TCP. For both the kernel walks its hash table of TCP sockets once, not twice. */
export type DiagTable =
  FamilyTable | (Omit<FamilyTable, 'family' | 'protocol'> & { family: 'both'; protocol: 'tcp' });

/** Takes the sockets of a dump. */
export interface DiagVisitor {
  /** Called before the dump, and again before each repetition: forget the sockets that came until then. */
  restart(): void;
  /** `record` is reused for the next socket. */
  socket(record: DiagRecord): void;
}

/**
 * Dumps the sockets of one table in the namespace of `socket` (`NETLINK_PROTOCOL.sockDiag`). No privilege is needed. IPv6
 * sockets that talk IPv4 are in the IPv6 tables, with mapped addresses.
 * @throws NetlinkError `refused` with `ENOENT` if the kernel has no such table (modules `tcp_diag`, `udp_diag`), and as
 *   `dump` does
 */
export async function dumpSockets(
  socket: NetlinkSocket,
  table: DiagTable,
  visitor: DiagVisitor,
): Promise<void> {
  const request = dumpRequest(table);
  await dump(socket, request, {
    restart() {
      visitor.restart();
    },
    message: recordVisitor(request.type, (record) => {
      visitor.socket(record);
    }),
  });
}

/** Dumps at once, as is right for few sockets: those that listen. See {@link dumpSockets}. @throws NetlinkError */
export function dumpSocketsNow(asker: Asker, table: DiagTable, visit: (record: DiagRecord) => void): void {
  const request = dumpRequest(table);
  asker.dump(request, recordVisitor(request.type, visit));
}

/**
 * Gives the state (`net/tcp_states.h`) that a TCP connection has now.
 *
 * `the socket` asks for this socket alone; the result is undefined once it is closed. `any socket` asks for the connection: when
 * its own socket is gone, the kernel may still hold it in FIN_WAIT2 or TIME_WAIT. If nothing is left of it but a listener on its
 * local end, the result is LISTEN; without one it is undefined.
 * @throws NetlinkError
 */
export function stateNow(
  asker: Asker,
  record: DiagRecord,
  by: 'the socket' | 'any socket',
): number | undefined {
  const body = requestBody({ family: record.addressBytes === 4 ? 'ipv4' : 'ipv6', protocol: 'tcp' });
  const { view, idAt } = record;
  body.set(new Uint8Array(view.buffer, view.byteOffset + idAt, REQUEST.bytes - REQUEST.id), REQUEST.id);
  // `INET_DIAG_NOCOOKIE`
  if (by === 'any socket') body.fill(0xff, REQUEST.cookie);
  let state: number | undefined;
  asker.one(
    { asked: 'a TCP connection', type: SOCK_DIAG_BY_FAMILY, body },
    recordVisitor(SOCK_DIAG_BY_FAMILY, (found) => {
      ({ state } = found);
    }),
  );
  return state;
}

function dumpRequest(table: DiagTable): DumpRequest {
  if (table.family !== 'both') {
    const asked = `${table.protocol} sockets over ${table.family}`;
    return { asked, type: SOCK_DIAG_BY_FAMILY, body: requestBody(table) };
  }
  const body = new Uint8Array(OLD_REQUEST.bytes);
  body[OLD_REQUEST.extensions] = EXTENSIONS[table.protocol];
  setStates(body, OLD_REQUEST.states, table.states);
  return { asked: `${table.protocol} sockets over ipv4 and ipv6`, type: TCPDIAG_GETSOCK, body };
}

function requestBody({ family, protocol, states }: FamilyTable): Uint8Array {
  const body = new Uint8Array(REQUEST.bytes);
  body[REQUEST.family] = FAMILY[family];
  body[REQUEST.protocol] = IP_PROTOCOL[protocol];
  body[REQUEST.extensions] = EXTENSIONS[protocol];
  setStates(body, REQUEST.states, states);
  return body;
}

function setStates(body: Uint8Array, at: number, states = ALL_STATES): void {
  new DataView(body.buffer).setUint32(at, states, HOST_IS_LITTLE_ENDIAN);
}

function recordVisitor(type: number, visit: (record: DiagRecord) => void): MessageVisitor {
  const record = new DiagRecord();
  return (view, header) => {
    if (header.type !== type) {
      throw malformed(`type ${header.type} in a dump of sockets`, header.bodyAt);
    }
    record.read(view, header.bodyAt, header.end);
    visit(record);
  };
}
