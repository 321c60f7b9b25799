import { HOST_IS_LITTLE_ENDIAN, readU32 } from '../message/byte-order.js';
import { NetlinkError } from '../netlink-error.js';
import type { LibC } from './libc.js';

/** The kernel puts up to 32 KiB into a datagram of a dump, if the reader offers that much (`max_recvmsg_len`). */
const DATAGRAM_BYTES = 32 * 1024;
/** 1 MiB at a time: some thousand entries, which take a few milliseconds to walk. */
const DATAGRAMS = 32;
const MSG_TRUNC = 0x20;

/** Offsets in `struct mmsghdr` and `struct iovec`, by the size of a pointer. */
const LAYOUTS = {
  4: { header: 32, vectorAt: 8, vectorsAt: 12, flagsAt: 24, lengthAt: 28, vector: 8, sizeAt: 4 },
  8: { header: 64, vectorAt: 16, vectorsAt: 24, flagsAt: 48, lengthAt: 56, vector: 16, sizeAt: 8 },
} as const;

/** Takes a datagram: the bytes from `start` to `end` of `view`. They are overwritten later. */
export type DatagramVisitor = (view: DataView, start: number, end: number) => void;

/** Room for several datagrams, and the headers with which `recvmmsg` fills it in one call. */
export class ReceiveBatch {
  /** `struct mmsghdr[]` */
  readonly headers: Uint8Array;
  readonly capacity: number;
  private readonly headerView: DataView;
  private readonly view: DataView;
  /** The headers point into these bytes, which have to live as long. */
  private readonly vectors: Uint8Array;
  private readonly layout: (typeof LAYOUTS)[4 | 8];

  constructor(libc: LibC, datagrams: number = DATAGRAMS) {
    const layout = LAYOUTS[libc.pointerBytes === 4 ? 4 : 8];
    this.layout = layout;
    this.capacity = datagrams;
    const data = new Uint8Array(datagrams * DATAGRAM_BYTES);
    this.view = new DataView(data.buffer);
    this.headers = new Uint8Array(datagrams * layout.header);
    this.headerView = new DataView(this.headers.buffer);
    this.vectors = new Uint8Array(datagrams * layout.vector);
    const vectorView = new DataView(this.vectors.buffer);
    const dataAddress = libc.addressOf(data);
    const vectorAddress = libc.addressOf(this.vectors);
    for (let index = 0; index < datagrams; index++) {
      const vectorAt = index * layout.vector;
      this.setWord(vectorView, vectorAt, dataAddress + BigInt(index * DATAGRAM_BYTES));
      this.setWord(vectorView, vectorAt + layout.sizeAt, BigInt(DATAGRAM_BYTES));
      const headerAt = index * layout.header;
      this.setWord(this.headerView, headerAt + layout.vectorAt, vectorAddress + BigInt(vectorAt));
      this.setWord(this.headerView, headerAt + layout.vectorsAt, 1n);
    }
  }

  /**
   * Hands out the first `count` datagrams.
   * @throws NetlinkError `malformed` for one that did not fit; and what the visitor throws
   */
  forEach(count: number, visit: DatagramVisitor): void {
    for (let index = 0; index < count; index++) {
      const headerAt = index * this.layout.header;
      const start = index * DATAGRAM_BYTES;
      if ((readU32(this.headerView, headerAt + this.layout.flagsAt) & MSG_TRUNC) !== 0) {
        throw new NetlinkError(
          'malformed',
          `a netlink datagram of more than ${DATAGRAM_BYTES} bytes was cut`,
        );
      }
      visit(this.view, start, start + readU32(this.headerView, headerAt + this.layout.lengthAt));
    }
  }

  private setWord(view: DataView, at: number, value: bigint): void {
    if (this.layout.header === LAYOUTS[4].header) view.setUint32(at, Number(value), HOST_IS_LITTLE_ENDIAN);
    else view.setBigUint64(at, value, HOST_IS_LITTLE_ENDIAN);
  }
}
