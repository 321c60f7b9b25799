import type { Counter } from '../counter.js';

/** The byte order of the host that printed a table: it prints addresses as host-order words. MIPS is often `big`. */
export type ByteOrder = 'little' | 'big';

/** The names of TCP socket states by number (`include/net/tcp_states.h`). */
export const TCP_STATE_NAMES = [
  undefined,
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

/** The name of a socket's state. UDP and raw sockets use only two: `ESTABLISHED` if connected, `CLOSE` if not. */
export type SocketState = NonNullable<(typeof TCP_STATE_NAMES)[number]>;

/** One end of a socket. */
export interface SocketEnd {
  /** Canonical text (RFC 5952). Unbound or not connected, it is the unspecified address (`0.0.0.0`, `::`). */
  address: string;
  /** 0 if unbound or not connected. Raw sockets have their protocol number as the local port. */
  port: number;
}

/** The columns that every row has. Times are in clock ticks (`USER_HZ`, 1/100 s). */
export interface SocketBase {
  /** `sl`: the row number in TCP tables. In the other tables it is the hash bucket, which may repeat. */
  slot: number;
  /** The family of the table. An IPv4-mapped address stands in an `ipv6` row, even if the parser unmaps it. */
  family: 'ipv4' | 'ipv6';
  /** `local_address`. */
  local: SocketEnd;
  /** `rem_address`, in IPv6 tables `remote_address`. */
  remote: SocketEnd;
  /** `st`: the kernel's number of the state. */
  stateNumber: number;
  /** The name of `stateNumber`; undefined if it has none. */
  state?: SocketState;
  /** Bytes waiting to be sent or acknowledged. */
  txQueue: number;
  /** Bytes waiting to be read. On LISTEN, connections waiting to be accepted. */
  rxQueue: number;
  /** `tr`: 0 no timer, 1 retransmit, 2 another, 3 TIME_WAIT, 4 zero-window probe. */
  timer: number;
  /** `tm->when`: time until the timer fires. Old kernels print late timers as huge numbers (a negative `long`). */
  timerExpires: Counter;
  /** `retrnsmt`: retransmission timeouts not yet recovered from. */
  retransmits: number;
  /** The owner's `uid_t`, unsigned; old kernels print it signed. */
  uid: number;
  /** `timeout`: unanswered probes. */
  timeout: number;
  /** The socket's inode; 0 if no process has the socket (any longer). */
  inode: Counter;
  /** `ref`: the reference count. */
  references: number;
  /** The kernel address of the socket as printed: real, hashed, zero, or `(ptrval)`. */
  pointer: string;
  /** Trailing columns that this version has no field for. */
  extra?: string[];
}

/** A full TCP socket: any but those in TIME_WAIT and SYN_RECV. */
export interface TcpSocket extends SocketBase {
  /** Discriminates: the row ends with the five columns of TCP. */
  kind: 'tcp';
  /** Retransmission timeout. */
  rto: Counter;
  /** Delayed-acknowledgement timeout. */
  ato: Counter;
  /** `(icsk_ack.quick << 1) | pingpong`. */
  quickAck: number;
  /** Congestion window in segments. */
  congestionWindow: number;
  /** Slow start threshold in segments: -1 in initial slow start. On LISTEN it is the limit of the fast-open queue. */
  slowStartThreshold: number;
}

/** A UDP, UDP-Lite or raw socket. */
export interface DatagramSocket extends SocketBase {
  /** Discriminates: the row ends with `drops`. */
  kind: 'datagram';
  /** Datagrams dropped; negative if an old kernel's counter has wrapped. */
  drops: number;
}

/**
 * A row that ends with the pointer: TCP in TIME_WAIT or SYN_RECV, or a UDP or raw socket of a kernel without `drops`.
 */
export interface BareSocket extends SocketBase {
  /** Discriminates: the row ends with the pointer. */
  kind: 'bare';
}

/** One row of `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}`. `kind` tells the columns at its end apart. */
export type SocketEntry = TcpSocket | DatagramSocket | BareSocket;
