import type { Counter } from '../../../../parsers/counter.js';
import { ATTRIBUTE_HEADER_BYTES, attributeLength, attributeType } from '../message/attribute.js';
import { readU32, readU64 } from '../message/byte-order.js';
import { malformed } from '../netlink-error.js';
import { align } from '../message/message.js';

/** Offsets in `struct inet_diag_msg` (linux/inet_diag.h), `struct inet_diag_sockid` at 4 included. */
const DIAG_MSG = {
  family: 0,
  state: 1,
  timer: 2,
  retrans: 3,
  sourcePort: 4,
  destinationPort: 6,
  source: 8,
  destination: 24,
  interfaceIndex: 40,
  cookie: 44,
  expires: 52,
  rqueue: 56,
  wqueue: 60,
  uid: 64,
  inode: 68,
  bytes: 72,
} as const;

/** `INET_DIAG_INFO`, `INET_DIAG_SKMEMINFO` */
const INET_DIAG = { info: 2, skmeminfo: 7 } as const;
/** `SK_MEMINFO_DROPS`, the ninth word of `INET_DIAG_SKMEMINFO`; since Linux 4.7. */
const MEMINFO_DROPS_AT = 32;

/** Offsets in `struct tcp_info` (linux/tcp.h). It only ever grew: the kernel does not know the fields beyond its length. */
const TCP_INFO = {
  state: 0,
  rto: 8,
  ato: 12,
  lastDataSent: 44,
  lastDataRecv: 52,
  lastAckRecv: 56,
  sndSsthresh: 76,
  sndCwnd: 80,
  totalRetrans: 100,
  /** since Linux 4.1 */
  bytesAcked: 120,
  bytesReceived: 128,
  /** since Linux 4.2 */
  segsOut: 136,
  segsIn: 140,
  /** since Linux 4.6 */
  notsentBytes: 144,
  dataSegsIn: 152,
  dataSegsOut: 156,
  /** since Linux 4.18 */
  delivered: 192,
  /** since Linux 4.19 */
  bytesSent: 200,
  bytesRetrans: 208,
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
/** A number that the message does not have. */
const ABSENT = -1;

/**
 * One socket of a sock_diag dump (`struct inet_diag_msg` and its attributes): its fields as numbers, its addresses as offsets.
 * The record is reused from message to message: copy whatever has to last. An absent number is -1, an absent counter undefined.
 */
export class DiagRecord {
  /** The bytes that the offsets point into. */
  view: DataView = new DataView(new ArrayBuffer(0));
  private base = 0;
  private infoAt: number = ABSENT;
  private infoLength = 0;
  private dropsAt: number = ABSENT;

  /**
   * Takes the payload of a message of type `SOCK_DIAG_BY_FAMILY`.
   * @throws NetlinkError `malformed`
   */
  read(view: DataView, start: number, end: number): void {
    if (end - start < DIAG_MSG.bytes) {
      throw malformed(`${end - start} bytes where struct inet_diag_msg has to be`, start);
    }
    const family = view.getUint8(start + DIAG_MSG.family);
    if (family !== AF_INET && family !== AF_INET6)
      throw malformed(`a socket of address family ${family}`, start);
    this.view = view;
    this.base = start;
    this.infoAt = ABSENT;
    this.infoLength = 0;
    this.dropsAt = ABSENT;
    for (let at = start + DIAG_MSG.bytes; at < end;) {
      const length = attributeLength(view, at, end);
      const type = attributeType(view, at);
      const inner = at + ATTRIBUTE_HEADER_BYTES;
      if (type === INET_DIAG.info) {
        this.infoAt = inner;
        this.infoLength = length - ATTRIBUTE_HEADER_BYTES;
      } else if (type === INET_DIAG.skmeminfo && length - ATTRIBUTE_HEADER_BYTES >= MEMINFO_DROPS_AT + 4) {
        this.dropsAt = inner + MEMINFO_DROPS_AT;
      }
      at += align(length);
    }
  }

  /** The offset of `struct inet_diag_sockid`. A request for exactly this socket repeats it. */
  get idAt(): number {
    return this.base + DIAG_MSG.sourcePort;
  }

  /** 4 or 16. */
  get addressBytes(): number {
    return this.u8(DIAG_MSG.family) === AF_INET ? 4 : 16;
  }

  /** The offset of the local address in `view`; the address is in network order. */
  get sourceAt(): number {
    return this.base + DIAG_MSG.source;
  }

  get destinationAt(): number {
    return this.base + DIAG_MSG.destination;
  }

  get sourcePort(): number {
    return this.view.getUint16(this.base + DIAG_MSG.sourcePort);
  }

  get destinationPort(): number {
    return this.view.getUint16(this.base + DIAG_MSG.destinationPort);
  }

  /** `net/tcp_states.h`; the column `st` in `/proc/net/tcp`. */
  get state(): number {
    return this.u8(DIAG_MSG.state);
  }

  /** `idiag_timer`: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 zero-window probe. */
  get timer(): number {
    return this.u8(DIAG_MSG.timer);
  }

  /** Retransmissions or unanswered probes; {@link timer} tells which. */
  get retransmits(): number {
    return this.u8(DIAG_MSG.retrans);
  }

  /** The time until the timer fires. */
  get expiresMilliseconds(): number {
    return this.u32(DIAG_MSG.expires);
  }

  get receiveQueue(): number {
    return this.u32(DIAG_MSG.rqueue);
  }

  /** In LISTEN: the limit of connections that wait to be accepted. */
  get writeQueue(): number {
    return this.u32(DIAG_MSG.wqueue);
  }

  get uid(): number {
    return this.u32(DIAG_MSG.uid);
  }

  get inode(): number {
    return this.u32(DIAG_MSG.inode);
  }

  /** The interface that the socket is bound to; 0 for any. */
  get interfaceIndex(): number {
    return this.u32(DIAG_MSG.interfaceIndex);
  }

  /** `idiag_cookie`: no other socket has it until the next boot. */
  get cookie(): bigint {
    const low = BigInt(this.u32(DIAG_MSG.cookie));
    return (BigInt(this.u32(DIAG_MSG.cookie + 4)) << 32n) | low;
  }

  /** {@link cookie} as text, made without a bigint. The kernel counts cookies up from 1, so a double holds each. */
  get cookieText(): string {
    return String(this.u32(DIAG_MSG.cookie + 4) * 2 ** 32 + this.u32(DIAG_MSG.cookie));
  }

  /** The datagrams that were dropped because the socket was full. */
  get drops(): number {
    return this.dropsAt < 0 ? ABSENT : readU32(this.view, this.dropsAt);
  }

  /** True if the message has a `struct tcp_info`. TIME_WAIT, SYN_RECV and UDP have none. */
  get hasInfo(): boolean {
    return this.infoAt >= 0;
  }

  /** `tcpi_state`: the state once more, read after {@link writeQueue}; -1 if absent. */
  get infoState(): number {
    return this.hasInfo ? this.view.getUint8(this.infoAt + TCP_INFO.state) : ABSENT;
  }

  get rtoMicroseconds(): number {
    return this.infoU32(TCP_INFO.rto);
  }

  get atoMicroseconds(): number {
    return this.infoU32(TCP_INFO.ato);
  }

  get congestionWindow(): number {
    return this.infoU32(TCP_INFO.sndCwnd);
  }

  get slowStartThreshold(): number {
    return this.infoU32(TCP_INFO.sndSsthresh);
  }

  /** `tcpi_bytes_acked` counts sequence numbers, SYN and FIN included. See `tcpPayload`. */
  get bytesAcked(): Counter | undefined {
    return this.infoU64(TCP_INFO.bytesAcked);
  }

  /** `tcpi_bytes_received` counts sequence numbers, the FIN included. */
  get bytesReceived(): Counter | undefined {
    return this.infoU64(TCP_INFO.bytesReceived);
  }

  get segmentsOut(): number {
    return this.infoU32(TCP_INFO.segsOut);
  }

  get segmentsIn(): number {
    return this.infoU32(TCP_INFO.segsIn);
  }

  /** `tcpi_data_segs_in`: the part of {@link segmentsIn} that has payload. */
  get dataSegmentsIn(): number {
    return this.infoU32(TCP_INFO.dataSegsIn);
  }

  /** `tcpi_data_segs_out`: the segments with payload that were sent, repetitions included. */
  get dataSegmentsOut(): number {
    return this.infoU32(TCP_INFO.dataSegsOut);
  }

  /** `tcpi_delivered`: the segments that the peer has acknowledged, SYN (or SYN-ACK) and FIN included. */
  get segmentsDelivered(): number {
    return this.infoU32(TCP_INFO.delivered);
  }

  /** `tcpi_total_retrans`: the segments that were sent again. */
  get segmentsRetransmitted(): number {
    return this.infoU32(TCP_INFO.totalRetrans);
  }

  /**
   * The time since data was sent last; if none was, since the connection was made. For a socket that never was connected it is
   * the age of the kernel's clock.
   */
  get sentMillisecondsAgo(): number {
    return this.infoU32(TCP_INFO.lastDataSent);
  }

  /** The time since anything but a reset was sent, received or acknowledged (`tcpi_last_*`), as fine as the kernel's ticks. */
  get idleMilliseconds(): number {
    const received = Math.min(this.infoU32(TCP_INFO.lastDataRecv), this.infoU32(TCP_INFO.lastAckRecv));
    return Math.min(received, this.sentMillisecondsAgo);
  }

  get notSentBytes(): number {
    return this.infoU32(TCP_INFO.notsentBytes);
  }

  /** `tcpi_bytes_sent`: payload; each transmission counts. */
  get bytesSent(): Counter | undefined {
    return this.infoU64(TCP_INFO.bytesSent);
  }

  /** `tcpi_bytes_retrans`: the part of {@link bytesSent} that had been sent before. */
  get bytesRetransmitted(): Counter | undefined {
    return this.infoU64(TCP_INFO.bytesRetrans);
  }

  private u8(offset: number): number {
    return this.view.getUint8(this.base + offset);
  }

  private u32(offset: number): number {
    return readU32(this.view, this.base + offset);
  }

  private infoU32(offset: number): number {
    return offset + 4 > this.infoLength ? ABSENT : readU32(this.view, this.infoAt + offset);
  }

  private infoU64(offset: number): Counter | undefined {
    return offset + 8 > this.infoLength ? undefined : readU64(this.view, this.infoAt + offset);
  }
}
