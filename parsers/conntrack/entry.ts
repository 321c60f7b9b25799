import type { Counter } from '../counter.js';

/** Packets and bytes of one direction of a connection (`struct nf_conn_counter`). Bytes count IP packets, headers included. */
export interface Counters {
  /** `packets=` */
  packets: Counter;
  /** `bytes=` */
  bytes: Counter;
}

/** The addresses of a tuple, as canonical text (RFC 5952); `print_tuple()` in nf_conntrack_standalone.c. */
export interface AddressTuple {
  /** `src=`: who sends in this direction. */
  source: string;
  /** `dst=`: who receives in this direction. */
  destination: string;
}

/** The tuple of TCP, UDP, UDP-Lite, SCTP and DCCP: `sport=`, `dport=`. */
export interface PortTuple extends AddressTuple {
  /** `sport=`, 0 to 65535. */
  sourcePort: number;
  /** `dport=`, 0 to 65535. */
  destinationPort: number;
}

/** The tuple of ICMP and ICMPv6: `type=`, `code=`, `id=`. */
export interface IcmpTuple extends AddressTuple {
  /** `type=`: of the message, 0 to 255; the reply's is the answer to the original's (8 and 0 for a ping). */
  type: number;
  /** `code=`, 0 to 255. */
  code: number;
  /** `id=`: of the query, 0 to 65535; the same both ways unless translated. */
  id: number;
}

/** The tuple of GRE: `srckey=`, `dstkey=`; the kernels 2.4 with the PPTP patches also print `version=`, `protocol=`. */
export interface GreTuple extends AddressTuple {
  /** `srckey=`, printed in hexadecimal: PPTP's call id, 0 for plain GRE. */
  sourceKey: number;
  /** `dstkey=`, in the same form. */
  destinationKey: number;
  /** `version=`: 0 is plain GRE, 1 that of PPTP. */
  version?: number;
  /** `protocol=`: what GRE carries, as an EtherType: 0x880b is PPP. */
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
  /** Of the packets that came back; as for {@link EntryBase.originalCounters}. */
  replyCounters?: Counters;
  /** The flags in square brackets. */
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

/** A TCP connection; `state` is one of `tcp_conntrack_names` (nf_conntrack_proto_tcp.c). */
export interface TcpEntry extends EntryBase<PortTuple>, Stateful {
  /** Discriminates: IP protocol 6. */
  protocol: 'tcp';
}

/** An SCTP association's path; `state` is one of `sctp_conntrack_names` (nf_conntrack_proto_sctp.c). */
export interface SctpEntry extends EntryBase<PortTuple>, Stateful {
  /** Discriminates: IP protocol 132. */
  protocol: 'sctp';
}

/** A DCCP connection, of kernels that still track it; `state` is one of `dccp_state_names` (nf_conntrack_proto_dccp.c). */
export interface DccpEntry extends EntryBase<PortTuple>, Stateful {
  /** Discriminates: IP protocol 33. */
  protocol: 'dccp';
}

/** UDP datagrams between two ends; without a state: `status` says whether any came back. */
export interface UdpEntry extends EntryBase<PortTuple> {
  /** Discriminates: IP protocol 17. */
  protocol: 'udp';
}

/** UDP-Lite datagrams (RFC 3828) between two ends; without a state, as UDP. */
export interface UdpLiteEntry extends EntryBase<PortTuple> {
  /** Discriminates: IP protocol 136. */
  protocol: 'udplite';
}

/** An ICMP query and its answers, such as a ping (nf_conntrack_proto_icmp.c). */
export interface IcmpEntry extends EntryBase<IcmpTuple> {
  /** Discriminates: IP protocol 1. */
  protocol: 'icmp';
}

/** An ICMPv6 query and its answers (nf_conntrack_proto_icmpv6.c). */
export interface Icmpv6Entry extends EntryBase<IcmpTuple> {
  /** Discriminates: IP protocol 58. */
  protocol: 'icmpv6';
}

/** A GRE tunnel, such as PPTP's (nf_conntrack_proto_gre.c). */
export interface GreEntry extends EntryBase<GreTuple> {
  /** Discriminates: IP protocol 47. */
  protocol: 'gre';
  /** /proc's `timeout=30, stream_timeout=180`: the timeouts of this connection, in seconds. */
  greTimeouts?: {
    /** `timeout=`: what an unanswered entry lives on after each packet. */
    timeoutSeconds: number;
    /** `stream_timeout=`: the same for an entry with packets both ways. */
    streamTimeoutSeconds: number;
  };
}

/**
 * A protocol that the printing kernel or library has no name for (`unknown  33`), or a vendor's own name;
 * it has no ports. `protocolNumber` says which it is.
 */
export interface UnknownEntry extends EntryBase<AddressTuple>, Stateful {
  /** Discriminates: none of the protocols above. */
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
