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
  /** `src=`: the sender in this direction. */
  source: string;
  /** `dst=`: the receiver in this direction. */
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
  /** `type=`: the message type, 0 to 255. The reply has the type of the answer (8 and 0 for a ping). */
  type: number;
  /** `code=`, 0 to 255. */
  code: number;
  /** `id=`: the query's id, 0 to 65535; the same in both directions unless translated. */
  id: number;
}

/** The tuple of GRE: `srckey=`, `dstkey=`. 2.4 kernels with the PPTP patches also print `version=` and `protocol=`. */
export interface GreTuple extends AddressTuple {
  /** `srckey=`, printed in hexadecimal: PPTP's call id, 0 for plain GRE. */
  sourceKey: number;
  /** `dstkey=`, in the same form. */
  destinationKey: number;
  /** `version=`: 0 for plain GRE, 1 for PPTP's GRE. */
  version?: number;
  /** `protocol=`: the EtherType that GRE carries; 0x880b is PPP. */
  greProtocol?: number;
}

/** A tuple of any protocol. Its keys show which one. */
export type AnyTuple = AddressTuple | PortTuple | IcmpTuple | GreTuple;

/** The bits of `enum ip_conntrack_status` that the text shows, each under the text's own name. */
export interface ConntrackStatus {
  /** `[UNREPLIED]`: no packet was seen in the reply direction. */
  unreplied: boolean;
  /** `[ASSURED]`: not dropped early if the table is full. The kernel hides it on offloaded connections. */
  assured: boolean;
  /** `[OFFLOAD]`: handled by a flowtable (`IPS_OFFLOAD`), without a timeout of its own. */
  offload: boolean;
  /** `[HW_OFFLOAD]`: handled by hardware (`IPS_HW_OFFLOAD`). */
  hardwareOffload: boolean;
  /** `[UNCONFIRMED]`: not yet in the table. Only 2.4 kernels print it. */
  unconfirmed: boolean;
}

/** A `key=value`, `[FLAG]` or bare word without a field in this version, exactly as in the line. */
export type ExtraField = string;

/** The fields that entries of every protocol have. A field absent from the line is absent here. */
export interface EntryBase<Tuple extends AddressTuple> {
  /** `ipv4` or `ipv6`: from the line's prefix, else from its addresses. */
  family: 'ipv4' | 'ipv6';
  /** IANA protocol number, `IPPROTO_*`. */
  protocolNumber: number;
  /**
   * Seconds until the kernel forgets the entry. Offloaded entries and some events have none. Old kernels print
   * negatives.
   */
  timeoutSeconds?: Counter;
  /** The direction of the first packet. */
  original: Tuple;
  /** The expected direction back, after NAT. */
  reply: Tuple;
  /**
   * Counters of the original direction. If `net.netfilter.nf_conntrack_acct` was off when the entry was made, both
   * directions have none.
   */
  originalCounters?: Counters;
  /** Counters of the reply direction; absent like {@link EntryBase.originalCounters}. */
  replyCounters?: Counters;
  /** The flags in square brackets. */
  status: ConntrackStatus;
  /** `mark=`: set by rules (`CONNMARK`). Only kernels before 2.6.12 print negative marks. */
  mark?: number;
  /** `secmark=`, printed up to 2.6.36. */
  securityMark?: number;
  /** `secctx=`: the security label, which may contain blanks. */
  securityContext?: string;
  /** `zone=`: the zone of both directions. */
  zone?: number;
  /** `zone-orig=`: the zone of the original direction only. */
  originalZone?: number;
  /** `zone-reply=`: the zone of the reply direction only. */
  replyZone?: number;
  /** `delta-time=`: the entry's age in seconds (`nf_conntrack_timestamp`). */
  deltaTimeSeconds?: Counter;
  /** `[start=…]`: wall-clock text in the time zone of the printing program, such as `Thu Feb 17 17:41:18 2011`. */
  startTime?: string;
  /** `[stop=…]`, in the same form. */
  stopTime?: string;
  /** `helper=`, such as `ftp`. */
  helper?: string;
  /** `use=`: references to the entry. /proc counts its own reader as well. */
  use?: number;
  /** `id=`, from `conntrack -o id`. */
  id?: number;
  /** `labels=`: names of the labels; empty for the bare word `labels` (bits are set, but none has a name). */
  labels?: string[];
  /** All other fields of the line, in its order. */
  extra?: ExtraField[];
}

/** A protocol whose connections have a state, such as `ESTABLISHED`. It is a plain string, because kernels differ. */
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

/** UDP datagrams between two ends. There is no state; `status` shows if any came back. */
export interface UdpEntry extends EntryBase<PortTuple> {
  /** Discriminates: IP protocol 17. */
  protocol: 'udp';
}

/** UDP-Lite datagrams (RFC 3828) between two ends, without a state like UDP. */
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
  /** `timeout=30, stream_timeout=180` of /proc: the timeouts of this connection, in seconds. */
  greTimeouts?: {
    /** `timeout=`: the timeout after each packet while the entry is unanswered. */
    timeoutSeconds: number;
    /** `stream_timeout=`: the timeout after each packet once there were packets in both directions. */
    streamTimeoutSeconds: number;
  };
}

/**
 * A protocol without a name in the kernel or library that printed it (`unknown  33`), or with a vendor's own name.
 * It has no ports. `protocolNumber` identifies it.
 */
export interface UnknownEntry extends EntryBase<AddressTuple>, Stateful {
  /** Discriminates: none of the protocols above. */
  protocol: 'unknown';
  /** The printed name, if it is not `unknown`. */
  protocolName?: string;
}

/** One tracked connection, discriminated by `protocol`. */
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

/** The values of `protocol` in {@link ConntrackEntry}. */
export type ConntrackProtocol = ConntrackEntry['protocol'];
