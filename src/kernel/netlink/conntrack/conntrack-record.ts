import type { Counter } from '../../../../parsers/counter.js';
import { payloadText } from '../message/attribute.js';
import { readU32, readU64Network } from '../message/byte-order.js';
import { LayoutCache } from './layout-cache.js';
import { EntryLayout, type BytesLayout, type CountersLayout } from './entry-layout.js';
import { ABSENT } from './attribute-walk.js';
import type { TupleLayout } from './tuple-layout.js';

const NANOSECONDS_A_MILLISECOND = 1e6;

/**
 * One ctnetlink message: its fields as numbers, its addresses as offsets. A field is read when it is asked for, and no object is
 * made. The record is reused from message to message: copy whatever has to last.
 *
 * A number that the message does not have is -1 ({@link ABSENT}).
 */
export class ConntrackRecord {
  /** The bytes that the offsets of {@link TupleRecord} point into. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The offset of the message's payload in {@link view}. */
  base = 0;
  layout: EntryLayout = new EntryLayout();
  readonly original: TupleRecord = new TupleRecord();
  readonly reply: TupleRecord = new TupleRecord();
  private readonly layouts = new LayoutCache();

  /**
   * Takes the payload of a message of type `IPCTNL_MSG_CT_NEW` (an entry of a dump too) or `IPCTNL_MSG_CT_DELETE`.
   * @throws NetlinkError `malformed`
   */
  read(view: DataView, start: number, end: number): void {
    this.layout = this.layouts.find(view, start, end);
    this.view = view;
    this.base = start;
    this.original.place(view, start, this.layout.original);
    this.reply.place(view, start, this.layout.reply);
  }

  /** `enum ip_conntrack_status`, a bit set. */
  get status(): number {
    return this.u32(this.layout.statusAt);
  }

  get timeoutSeconds(): number {
    return this.u32(this.layout.timeoutAt);
  }

  /** The number of the protocol's own state, such as `enum tcp_conntrack`. */
  get state(): number {
    const { stateAt } = this.layout;
    return stateAt < 0 ? ABSENT : this.view.getUint8(this.base + stateAt);
  }

  /**
   * `CTA_PROTOINFO_TCP_FLAGS_ORIGINAL`: the `IP_CT_TCP_FLAG_*` of the original direction. If {@link TCP_BE_LIBERAL} is absent, the
   * kernel saw the SYN. Linux 6.18 gives 0x23 for a connection that was seen from its SYN; a connection that was met in
   * mid-stream has 0x0a first and 0x2a later. The bit's presence proves nothing: openvswitch and tc set it as well
   * (`nf_ct_set_tcp_be_liberal`).
   *
   * Dumps and the events of new entries have the flags. The event of an entry's end has the state, but not the flags. An update
   * has both or neither.
   */
  get tcpFlagsOriginal(): number {
    const { tcpFlagsOriginalAt } = this.layout;
    return tcpFlagsOriginalAt < 0 ? ABSENT : this.view.getUint8(this.base + tcpFlagsOriginalAt);
  }

  get mark(): number {
    return this.u32(this.layout.markAt);
  }

  get use(): number {
    return this.u32(this.layout.useAt);
  }

  get id(): number {
    return this.u32(this.layout.idAt);
  }

  /** `CTA_ZONE`: the zone of both directions; absent in the default zone. */
  get zone(): number {
    const { zoneAt } = this.layout;
    return zoneAt < 0 ? ABSENT : this.view.getUint16(this.base + zoneAt);
  }

  /** Milliseconds since 1970, with fractions. */
  get startMilliseconds(): number {
    return this.milliseconds(this.layout.startAt);
  }

  get stopMilliseconds(): number {
    return this.milliseconds(this.layout.stopAt);
  }

  /** Undefined if the kernel does not count this entry. */
  get originalPackets(): Counter | undefined {
    return this.counter(this.layout.originalCounters, 'packets');
  }

  get originalBytes(): Counter | undefined {
    return this.counter(this.layout.originalCounters, 'bytes');
  }

  get replyPackets(): Counter | undefined {
    return this.counter(this.layout.replyCounters, 'packets');
  }

  get replyBytes(): Counter | undefined {
    return this.counter(this.layout.replyCounters, 'bytes');
  }

  /** `CTA_HELP_NAME`, such as `ftp`. */
  get helper(): string | undefined {
    return this.text(this.layout.helper);
  }

  /** `CTA_SECCTX_NAME`: the security label. */
  get securityContext(): string | undefined {
    return this.text(this.layout.secctx);
  }

  /** The numbers of the bits set in `CTA_LABELS`, ascending; undefined without labels. */
  get labelBits(): number[] | undefined {
    const { at, length } = this.layout.labels;
    if (at < 0) return undefined;
    const bits: number[] = [];
    // 32-bit words in host order, as libnetfilter_conntrack reads them.
    for (let bit = 0; bit < length * 8; bit++) {
      const word = bit >>> 5;
      if (word * 4 + 4 > length) break;
      if ((this.hostWord(at + word * 4) & (1 << (bit & 31))) !== 0) bits.push(bit);
    }
    return bits;
  }

  private hostWord(at: number): number {
    return readU32(this.view, this.base + at);
  }

  private u32(at: number): number {
    return at < 0 ? ABSENT : this.view.getUint32(this.base + at);
  }

  private milliseconds(at: number): number {
    // A double holds today's nanoseconds to within 256.
    return at < 0 ? ABSENT : Number(readU64Network(this.view, this.base + at)) / NANOSECONDS_A_MILLISECOND;
  }

  private counter(layout: CountersLayout, which: 'packets' | 'bytes'): Counter | undefined {
    const at = which === 'packets' ? layout.packetsAt : layout.bytesAt;
    if (at >= 0) return readU64Network(this.view, this.base + at);
    const at32 = which === 'packets' ? layout.packets32At : layout.bytes32At;
    return at32 < 0 ? undefined : this.view.getUint32(this.base + at32);
  }

  private text({ at, length }: BytesLayout): string | undefined {
    return at < 0 ? undefined : payloadText(this.view, this.base + at, length);
  }
}

/** One direction's tuple; see {@link ConntrackRecord}. */
export class TupleRecord {
  private view: DataView = new DataView(new ArrayBuffer(0));
  private base = 0;
  private layout: TupleLayout = new EntryLayout().original;

  /** Points this record at a message. */
  place(view: DataView, base: number, layout: TupleLayout): void {
    this.view = view;
    this.base = base;
    this.layout = layout;
  }

  /** 4 or 16. */
  get addressBytes(): number {
    return this.layout.addressBytes;
  }

  /** The offset of the source address in the record's `view`; the address is in network order. */
  get sourceAt(): number {
    return this.base + this.layout.sourceAt;
  }

  get destinationAt(): number {
    return this.base + this.layout.destinationAt;
  }

  get protocolNumber(): number {
    return this.view.getUint8(this.base + this.layout.protocolNumberAt);
  }

  /** GRE has its key here. */
  get sourcePort(): number {
    return this.u16(this.layout.sourcePortAt);
  }

  get destinationPort(): number {
    return this.u16(this.layout.destinationPortAt);
  }

  get icmpType(): number {
    return this.u8(this.layout.icmpTypeAt);
  }

  get icmpCode(): number {
    return this.u8(this.layout.icmpCodeAt);
  }

  get icmpId(): number {
    return this.u16(this.layout.icmpIdAt);
  }

  /** `CTA_TUPLE_ZONE`: the zone of this direction only. */
  get zone(): number {
    return this.u16(this.layout.zoneAt);
  }

  private u8(at: number): number {
    return at < 0 ? ABSENT : this.view.getUint8(this.base + at);
  }

  private u16(at: number): number {
    return at < 0 ? ABSENT : this.view.getUint16(this.base + at);
  }
}
