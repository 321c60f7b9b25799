import { unmapIpv4 } from '../../../parsers/address.js';
import type { Counter } from '../../../parsers/counter.js';
import { TCP_STATE_NAMES, type SocketBase, type SocketState } from '../../../parsers/socket/socket-entry.js';
import { addressText } from '../../../src/kernel/netlink/message/attribute.js';
import { tcpPayload, type TcpPayload } from '../../../src/kernel/netlink/inet-diag/tcp-payload.js';
import type { DiagRecord } from '../../../src/kernel/netlink/inet-diag/diag-record.js';

/** `net/tcp_states.h` */
const LISTEN = 10;
/** `idiag_timer` */
const TIMER = { retransmit: 1, keepalive: 2, probe: 4 } as const;

/** The columns of `/proc/net/tcp` and `/proc/net/udp` that sock_diag has too, with the same meaning. */
type ProcColumns = Pick<
  SocketBase,
  | 'family'
  | 'local'
  | 'remote'
  | 'stateNumber'
  | 'txQueue'
  | 'rxQueue'
  | 'timer'
  | 'retransmits'
  | 'uid'
  | 'timeout'
>;

/** The kernel's own figures of a TCP connection (`struct tcp_info`). */
interface TcpTraffic {
  /** Payload bytes; undefined before Linux 4.1. */
  payload?: TcpPayload;
  /** Segments with and without payload, retransmissions included; undefined before Linux 4.2. */
  segmentsOut?: number;
  segmentsIn?: number;
  /** `tcpi_bytes_acked` as the kernel has it: with SYN and FIN. */
  bytesAcked?: Counter;
  /** `tcpi_bytes_received` as the kernel has it: with the FIN. */
  bytesReceived?: Counter;
  congestionWindow: number;
  rtoMicroseconds: number;
}

/** One socket of a sock_diag dump. */
export interface DiagSocket extends ProcColumns {
  /** The name of `stateNumber`; undefined for a number without one. */
  state?: SocketState;
  /** 0 where no process has the socket (any longer). */
  inode: number;
  /** Tells this socket from all others of this boot. */
  cookie: bigint;
  /** Until the timer fires; /proc has ticks. */
  timerExpiresMilliseconds: number;
  /** The interface that the socket is bound to; 0 for any. */
  interfaceIndex: number;
  /** Datagrams dropped by a full socket: UDP only, since Linux 4.7. */
  drops?: number;
  /** TCP only, and neither in TIME_WAIT nor in SYN_RECV. */
  traffic?: TcpTraffic;
}

/** Options for making a lasting object of a record. */
export interface DiagSocketOptions {
  /** Shows IPv4-mapped addresses as IPv4, as the parser's option does. */
  unmapIpv4?: boolean;
}

/** A lasting object of a record: the columns of the row in /proc, and the figures. */
export function diagSocketOf(record: DiagRecord, options: DiagSocketOptions = {}): DiagSocket {
  const { view, addressBytes, state, timer, retransmits, drops } = record;
  const end = (at: number, port: number): SocketBase['local'] => {
    const address = addressText(view, at, addressBytes);
    return { address: options.unmapIpv4 === true ? unmapIpv4(address) : address, port };
  };
  const stateName = TCP_STATE_NAMES[state];
  const isProbing = timer === TIMER.keepalive || timer === TIMER.probe;
  return {
    family: addressBytes === 4 ? 'ipv4' : 'ipv6',
    local: end(record.sourceAt, record.sourcePort),
    remote: end(record.destinationAt, record.destinationPort),
    stateNumber: state,
    ...(stateName === undefined ? {} : { state: stateName }),
    // sock_diag has the backlog's limit here; /proc has 0.
    txQueue: state === LISTEN ? 0 : record.writeQueue,
    rxQueue: record.receiveQueue,
    timer,
    timerExpiresMilliseconds: record.expiresMilliseconds,
    // One field holds the values of two columns of /proc. The timer decides between them.
    retransmits: timer === TIMER.retransmit ? retransmits : 0,
    uid: record.uid,
    timeout: isProbing ? retransmits : 0,
    inode: record.inode,
    cookie: record.cookie,
    interfaceIndex: record.interfaceIndex,
    ...(drops < 0 ? {} : { drops }),
    ...(record.hasInfo && state !== LISTEN ? { traffic: trafficOf(record) } : {}),
  };
}

function trafficOf(record: DiagRecord): TcpTraffic {
  const { bytesAcked, bytesReceived, segmentsOut, segmentsIn } = record;
  const payload = tcpPayload(record);
  return {
    ...(payload === undefined ? {} : { payload }),
    ...(segmentsOut < 0 ? {} : { segmentsOut }),
    ...(segmentsIn < 0 ? {} : { segmentsIn }),
    ...(bytesAcked === undefined ? {} : { bytesAcked }),
    ...(bytesReceived === undefined ? {} : { bytesReceived }),
    congestionWindow: record.congestionWindow,
    rtoMicroseconds: record.rtoMicroseconds,
  };
}
