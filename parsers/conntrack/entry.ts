import type { Counter } from '../counter.js';

/** Packets and bytes of one direction of a connection (`struct nf_conn_counter`). Bytes count IP packets, headers included. */
export interface Counters {
  packets: Counter;
  bytes: Counter;
}

/** The addresses of a tuple, as canonical text (RFC 5952). */
export interface AddressTuple {
  source: string;
  destination: string;
}

/** The tuple of TCP, UDP, UDP-Lite, SCTP and DCCP: `sport=`, `dport=`. */
export interface PortTuple extends AddressTuple {
  sourcePort: number;
  destinationPort: number;
}

/** The tuple of ICMP and ICMPv6: `type=`, `code=`, `id=`. */
export interface IcmpTuple extends AddressTuple {
  type: number;
  code: number;
  id: number;
}

/** The tuple of GRE: `srckey=`, `dstkey=`; the kernels 2.4 with the PPTP patches also print `version=`, `protocol=`. */
export interface GreTuple extends AddressTuple {
  sourceKey: number;
  destinationKey: number;
  version?: number;
  greProtocol?: number;
}

/** A tuple of any protocol; which it is shows in its keys. */
export type AnyTuple = AddressTuple | PortTuple | IcmpTuple | GreTuple;

/** The bits of `enum ip_conntrack_status` that the text shows, each under the text's own name. */
export interface ConntrackStatus {
  /** `[UNREPLIED]`: no packet of the reply direction was seen. */
  unreplied: boolean;
  /** `[ASSURED]`: not dropped early when the table is full. Hidden by the kernel on offloaded connections. */
  assured: boolean;
  /** `[OFFLOAD]`: handled by a flowtable (`IPS_OFFLOAD`); no timeout of its own. */
  offload: boolean;
  /** `[HW_OFFLOAD]`: handled by hardware (`IPS_HW_OFFLOAD`). */
  hardwareOffload: boolean;
  /** `[UNCONFIRMED]`, kernels 2.4 only: not yet in the table. */
  unconfirmed: boolean;
}

/** `key=value`, `[FLAG]` or bare word that this version has no field for; `text` is as it stands in the line. */
export type ExtraField = string;

/** The fields that entries of every protocol have. Absent in the line means absent here. */
export interface EntryBase<Tuple extends AddressTuple> {
  /** `ipv4` or `ipv6`: from the line's own prefix, else from its addresses. */
  family: 'ipv4' | 'ipv6';
  /** IANA protocol number, `IPPROTO_*`. */
  protocolNumber: number;
  /** Seconds until the kernel forgets the entry; none on offloaded entries and in some events. Old kernels print negative ones. */
  timeoutSeconds?: Counter;
  /** The first packet's direction. */
  original: Tuple;
  /** The way back, as expected: the NATed view. */
  reply: Tuple;
  /** Undefined where `net.netfilter.nf_conntrack_acct` was off when the entry was made; both directions then are. */
  originalCounters?: Counters;
  replyCounters?: Counters;
  status: ConntrackStatus;
  /** `mark=`: set by rules (`CONNMARK`); negative only from kernels before 2.6.12. */
  mark?: number;
  /** `secmark=`, up to 2.6.36. */
  securityMark?: number;
  /** `secctx=`: the security label; it may hold blanks. */
  securityContext?: string;
  /** `zone=`, of both directions. */
  zone?: number;
  /** `zone-orig=`: the zone of the original direction only. */
  originalZone?: number;
  /** `zone-reply=`: the zone of the reply direction only. */
  replyZone?: number;
  /** `delta-time=`: the entry's age in seconds (`nf_conntrack_timestamp`). */
  deltaTimeSeconds?: Counter;
  /** `[start=…]`: wall-clock text in the time zone of whoever printed it, such as `Thu Feb 17 17:41:18 2011`. */
  startTime?: string;
  /** `[stop=…]`, in the same form. */
  stopTime?: string;
  /** `helper=`, such as `ftp`. */
  helper?: string;
  /** `use=`: references held on the entry; /proc counts its own reader as well. */
  use?: number;
  /** `id=`, from `conntrack -o id`. */
  id?: number;
  /** `labels=`, by name; empty for the bare word `labels` (bits set, none of them named). */
  labels?: string[];
  /** What the line says besides, in its order. */
  extra?: ExtraField[];
}

/** A protocol whose connections have a state, such as `ESTABLISHED`; names are not enumerated: kernels differ. */
interface Stateful {
  /** Undefined on offloaded entries and in some events. */
  state?: string;
}

export interface TcpEntry extends EntryBase<PortTuple>, Stateful {
  protocol: 'tcp';
}
export interface SctpEntry extends EntryBase<PortTuple>, Stateful {
  protocol: 'sctp';
}
export interface DccpEntry extends EntryBase<PortTuple>, Stateful {
  protocol: 'dccp';
}
export interface UdpEntry extends EntryBase<PortTuple> {
  protocol: 'udp';
}
export interface UdpLiteEntry extends EntryBase<PortTuple> {
  protocol: 'udplite';
}
export interface IcmpEntry extends EntryBase<IcmpTuple> {
  protocol: 'icmp';
}
export interface Icmpv6Entry extends EntryBase<IcmpTuple> {
  protocol: 'icmpv6';
}
export interface GreEntry extends EntryBase<GreTuple> {
  protocol: 'gre';
  /** /proc's `timeout=30, stream_timeout=180`: the timeouts of this connection, in seconds. */
  greTimeouts?: { timeoutSeconds: number; streamTimeoutSeconds: number };
}
/**
 * A protocol that the printing kernel or library has no name for (`unknown  33`), or a vendor's own name;
 * it has no ports. `protocolNumber` says which it is.
 */
export interface UnknownEntry extends EntryBase<AddressTuple>, Stateful {
  protocol: 'unknown';
  /** The name printed, where it is not `unknown`. */
  protocolName?: string;
}

/** One tracked connection. Discriminated by `protocol`. */
export type ConntrackEntry =
  | TcpEntry
  | UdpEntry
  | UdpLiteEntry
  | SctpEntry
  | DccpEntry
  | IcmpEntry
  | Icmpv6Entry
  | GreEntry
  | UnknownEntry;

/** The values of {@link ConntrackEntry}'s discriminant. */
export type ConntrackProtocol = ConntrackEntry['protocol'];
