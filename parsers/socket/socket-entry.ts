import type { Counter } from '../counter.js';

/** The byte order of the host that printed a table: it prints addresses as host-order words. MIPS routers are often `big`. */
export type ByteOrder = 'little' | 'big';

/** The names of the states of a TCP socket, by their numbers (`include/net/tcp_states.h`). */
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

/** The name of a socket's state. UDP and raw sockets use two of them: `ESTABLISHED` is connected, `CLOSE` is not. */
export type SocketState = NonNullable<(typeof TCP_STATE_NAMES)[number]>;

/** One end of a socket. */
export interface SocketEnd {
  /** Canonical text (RFC 5952); the unspecified address (`0.0.0.0`, `::`) where unbound or not connected. */
  address: string;
  /** 0 where unbound or not connected. Raw sockets have their protocol number here, at the local end. */
  port: number;
}

/** The columns that every row has. Times are in clock ticks (`USER_HZ`, 1/100 s). */
export interface SocketBase {
  /** `sl`: the row number in TCP tables, the hash bucket in the others, where it may repeat. */
  slot: number;
  /** The table's: an IPv4-mapped address stands in an `ipv6` row, also where the parser was told to unmap it. */
  family: 'ipv4' | 'ipv6';
  /** `local_address`. */
  local: SocketEnd;
  /** `rem_address`, in IPv6 tables `remote_address`. */
  remote: SocketEnd;
  /** `st`, as the kernel numbers states. */
  stateNumber: number;
  /** The name of `stateNumber`; undefined for a number without one. */
  state?: SocketState;
  /** Bytes that wait to be sent or acknowledged. */
  txQueue: number;
  /** Bytes that wait to be read; on LISTEN the connections that wait to be accepted. */
  rxQueue: number;
  /** `tr`: 0 no timer, 1 retransmit, 2 another, 3 TIME_WAIT, 4 zero-window probe. */
  timer: number;
  /** `tm->when`: until the timer fires. Late timers of old kernels show as huge numbers (a negative `long`). */
  timerExpires: Counter;
  /** `retrnsmt`: retransmission timeouts not yet recovered from. */
  retransmits: number;
  /** The owner's `uid_t`, unsigned; old kernels print it signed. */
  uid: number;
  /** `timeout`: unanswered probes. */
  timeout: number;
  /** 0 where no process has the socket (any longer). */
  inode: Counter;
  /** `ref`: the reference count. */
  references: number;
  /** The socket's kernel address as printed: real, hashed or zero, or `(ptrval)`. */
  pointer: string;
  /** Trailing columns that this version has no field for. */
  extra?: string[];
}

/** A full TCP socket: all but those in TIME_WAIT and SYN_RECV. */
export interface TcpSocket extends SocketBase {
  /** Discriminates: the five columns of TCP end the row. */
  kind: 'tcp';
  /** Retransmission timeout. */
  rto: Counter;
  /** Delayed-acknowledgement timeout. */
  ato: Counter;
  /** `(icsk_ack.quick << 1) | pingpong`. */
  quickAck: number;
  /** In segments. */
  congestionWindow: number;
  /** -1 in initial slow start; on LISTEN the fast-open queue's limit. */
  slowStartThreshold: number;
}

/** A UDP, UDP-Lite or raw socket. */
export interface DatagramSocket extends SocketBase {
  /** Discriminates: `drops` ends the row. */
  kind: 'datagram';
  /** Datagrams dropped; negative where an old kernel's counter has wrapped. */
  drops: number;
}

/** A row that ends with the pointer: TCP in TIME_WAIT or SYN_RECV, or a UDP or raw socket of a kernel before `drops`. */
export interface BareSocket extends SocketBase {
  /** Discriminates: the pointer ends the row. */
  kind: 'bare';
}

/** One row of `/proc/net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6}`, discriminated by `kind`: which columns end it. */
export type SocketEntry = TcpSocket | DatagramSocket | BareSocket;
