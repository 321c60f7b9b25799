import { HOST_IS_LITTLE_ENDIAN, readU32 } from '../message/byte-order.js';
import { errnoName, NetlinkError } from '../netlink-error.js';
import { loadLibC, type CallResult, type LibC } from './libc.js';
import { insideNamespace, type NetworkNamespace } from './namespace.js';
import { callFailed, must, setSocketOptions, type SocketOptions } from './socket-options.js';
import { ReceiveBatch, type DatagramVisitor } from './receive-batch.js';

/** `NETLINK_*` in linux/netlink.h: the families that hostflow speaks. */
export const NETLINK_PROTOCOL = { route: 0, sockDiag: 4, netfilter: 12 } as const;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** `struct sockaddr_nl`: family, padding, port id, groups. */
const ADDRESS_BYTES = 12;
const ADDRESS_PORT_ID_AT = 4;
/** `struct pollfd`: descriptor, events, revents. */
const POLLFD_BYTES = 8;
const POLLFD_EVENTS_AT = 4;
const POLLIN = 1;
/** `EFD_CLOEXEC | EFD_NONBLOCK` */
const EVENTFD_FLAGS = 0o2000000 | 0o4000;
const EVENTFD_BYTES = 8;
/** The longest wait in one call. The process cannot end before the call does. */
const MOST_WAIT_MILLISECONDS = 250;

/** The options of a netlink socket. */
export interface NetlinkSocketOptions extends SocketOptions {
  protocol: (typeof NETLINK_PROTOCOL)[keyof typeof NETLINK_PROTOCOL];
  /** The namespace to see; this process's own by default. */
  namespace?: NetworkNamespace | undefined;
}

/**
 * The outcome of a read. `empty`: nothing waits. `overrun`: messages of a multicast group were lost (`ENOBUFS`), and the next read
 * goes on behind the gap.
 */
export type ReceiveOutcome = 'received' | 'empty' | 'overrun';

/** Opens a netlink socket. @throws NetlinkError, whose code gives the cause */
export async function openNetlink(options: NetlinkSocketOptions): Promise<NetlinkSocket> {
  const libc = await loadLibC();
  const open = (): number => libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, options.protocol);
  const fd = options.namespace === undefined ? open() : insideNamespace(libc, options.namespace, open);
  if (fd < 0) throw callFailed(libc.errno(), 'netlink socket');
  try {
    return new NetlinkSocket(libc, fd, options);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Opens a socket, and closes it after `body`. @throws NetlinkError, and what the body throws */
export async function withNetlink<T>(
  options: NetlinkSocketOptions,
  body: (socket: NetlinkSocket) => Promise<T>,
): Promise<T> {
  const socket = await openNetlink(options);
  try {
    return await body(socket);
  } finally {
    await socket.close();
  }
}

/** A netlink socket that never blocks the event loop. Close it after use: it holds a descriptor and its namespace. */
export class NetlinkSocket {
  private readonly libc: LibC;
  private readonly fd: number;
  /** An eventfd that is written once, to end a wait in the background. */
  private readonly closeSignal: number;
  /** The calls in the background, which use the descriptors, and the memory of each, which has to live as long. */
  private readonly inBackground = new Map<Promise<CallResult>, object>();
  private closing: Promise<void> | undefined;
  private sequence = 0;

  constructor(libc: LibC, fd: number, options: NetlinkSocketOptions) {
    this.libc = libc;
    this.fd = fd;
    const address = new Uint8Array(ADDRESS_BYTES);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, HOST_IS_LITTLE_ENDIAN);
    must(libc, libc.bind(fd, address, ADDRESS_BYTES), 'bind');
    setSocketOptions(libc, fd, options);
    this.closeSignal = must(libc, libc.eventfd(0, EVENTFD_FLAGS), 'eventfd');
  }

  /** The kernel's number for this socket. Every answer bears it. */
  get portId(): number {
    const address = new Uint8Array(ADDRESS_BYTES);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, ADDRESS_BYTES, HOST_IS_LITTLE_ENDIAN);
    must(this.libc, this.libc.getsockname(this.descriptor(), address, length), 'getsockname');
    return readU32(new DataView(address.buffer), ADDRESS_PORT_ID_AT);
  }

  /** A sequence number that no request on this socket had. */
  nextSequence(): number {
    this.sequence = (this.sequence + 1) >>> 0;
    return this.sequence;
  }

  /** Room to receive into. One batch serves one read at a time. */
  newBatch(datagrams?: number): ReceiveBatch {
    return new ReceiveBatch(this.libc, datagrams);
  }

  /** {@link NetlinkSocket.send} on this thread, for requests that the kernel answers at once. @throws NetlinkError as that does */
  sendNow(message: Uint8Array): void {
    must(this.libc, this.libc.send(this.descriptor(), message, message.length, 0), 'send to netlink');
  }

  /**
   * Sends a message to the kernel on another thread. The kernel makes the first part of a dump during this call, which takes
   * tens of milliseconds if it finds nothing in a large table.
   * @throws NetlinkError `call-failed`, `not-permitted`, `closed`
   */
  async send(message: Uint8Array): Promise<void> {
    const { result, errno } = await this.background(
      this.libc.sendInBackground(this.descriptor(), message, message.length, 0),
      message,
    );
    if (result < 0) throw callFailed(errno, 'send to netlink');
  }

  /**
   * Reads the messages that wait, a batch at most, without waiting for more.
   * @throws NetlinkError `call-failed`, `closed`, `malformed`; and what the visitor throws
   */
  receive(batch: ReceiveBatch, visit: DatagramVisitor): ReceiveOutcome {
    const result = this.libc.recvmmsg(this.descriptor(), batch.headers, batch.capacity, MSG_DONTWAIT);
    const received = this.received({ result, errno: result < 0 ? this.libc.errno() : 0 });
    if (typeof received === 'string') return received;
    batch.forEach(received, visit);
    return 'received';
  }

  /** {@link NetlinkSocket.receive} on another thread. @returns the number of datagrams that `batch` now holds */
  async receiveInBackground(batch: ReceiveBatch): Promise<number | 'empty' | 'overrun'> {
    const fd = this.descriptor();
    return this.received(
      await this.background(
        this.libc.recvmmsgInBackground(fd, batch.headers, batch.capacity, MSG_DONTWAIT),
        batch,
      ),
    );
  }

  /**
   * Waits until there is something to read, without holding up the event loop.
   * @param timeoutMilliseconds no limit by default
   * @returns false when the time is up
   * @throws NetlinkError `closed` when the socket is closed meanwhile; `call-failed`
   */
  async wait(timeoutMilliseconds: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    const descriptors = new Uint8Array(2 * POLLFD_BYTES);
    const view = new DataView(descriptors.buffer);
    [this.descriptor(), this.closeSignal].forEach((fd, index) => {
      view.setInt32(index * POLLFD_BYTES, fd, HOST_IS_LITTLE_ENDIAN);
      view.setInt16(index * POLLFD_BYTES + POLLFD_EVENTS_AT, POLLIN, HOST_IS_LITTLE_ENDIAN);
    });
    for (let left = timeoutMilliseconds; ; left -= MOST_WAIT_MILLISECONDS) {
      const turn = Math.min(left, MOST_WAIT_MILLISECONDS);
      const { result, errno } = await this.background(
        this.libc.pollInBackground(descriptors, 2, turn),
        descriptors,
      );
      this.descriptor();
      if (result < 0 && errnoName(errno) !== 'EINTR') throw callFailed(errno, 'poll');
      // A signal ends the wait early, before the time is up.
      if (result !== 0) return true;
      if (left <= turn) return false;
    }
  }

  /** Ends the calls that wait, then closes the socket. Later calls throw `closed`. Closing it again is harmless. */
  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private async release(): Promise<void> {
    // An eventfd adds up the numbers that are written. Any number but 0 wakes the poll.
    this.libc.write(this.closeSignal, new Uint8Array(EVENTFD_BYTES).fill(1), EVENTFD_BYTES);
    await Promise.allSettled(this.inBackground.keys());
    this.libc.close(this.closeSignal);
    this.libc.close(this.fd);
  }

  private async background(call: Promise<CallResult>, memory: object): Promise<CallResult> {
    this.inBackground.set(call, memory);
    try {
      return await call;
    } finally {
      this.inBackground.delete(call);
    }
  }

  private descriptor(): number {
    if (this.closing !== undefined) throw new NetlinkError('closed', 'the netlink socket is closed');
    return this.fd;
  }

  private received({ result, errno }: CallResult): number | 'empty' | 'overrun' {
    if (result >= 0) return result;
    const name = errnoName(errno);
    if (name === 'EAGAIN' || name === 'EINTR') return 'empty';
    if (name === 'ENOBUFS') return 'overrun';
    throw callFailed(errno, 'read from netlink');
  }
}
