import type { Counter } from '../counter.js';
import type { AddressTuple, AnyTuple, GreTuple, IcmpTuple, PortTuple } from './entry.js';
import type { ConntrackEventType, EventTimestamp } from './event.js';

/** The bits of `NF_CT_EXPECT_*` that the text shows, each under the text's own name. */
export interface ExpectationFlags {
  /** `PERMANENT`: stays when a connection has met it. */
  permanent: boolean;
  /** `INACTIVE`: matches nothing until the helper switches it on. */
  inactive: boolean;
  /** `USERSPACE`: made by a helper in user space. */
  userspace: boolean;
}

/** The fields that expectations of every protocol have. Absent in the line means absent here. */
export interface ExpectationBase<Tuple extends AddressTuple> {
  /** What became of it, in lines of `conntrack -E expect` only. */
  type?: ConntrackEventType;
  /** Of the event, from `-o timestamp`. */
  timestamp?: EventTimestamp;
  /** `ipv4` or `ipv6`: from `l3proto`, else from the addresses. */
  family: 'ipv4' | 'ipv6';
  /** `proto=`: the IANA protocol number, `IPPROTO_*`. */
  protocolNumber: number;
  /** Seconds until the kernel forgets it; undefined where it has no timer (`-`). */
  timeoutSeconds?: Counter;
  /** The connection that is expected; 0 (or the unspecified address) where any will do. */
  tuple: Tuple;
  /** `mask-src=`, `mask-dst=` and what follows: which bits of `tuple` count. Not in procfs. */
  mask?: AnyTuple;
  /** `master-src=`, `master-dst=` and what follows: the connection whose helper expects this one. Not in procfs. */
  master?: AnyTuple;
  /** All false where the line has none. */
  flags: ExpectationFlags;
  /** `zone=`. */
  zone?: number;
  /** `class=`: which of the helper's policies applies. */
  class?: number;
  /** Who expects it, such as `ftp`. */
  helper?: string;
  /** The name of the helper's policy, such as SIP's `audio`: procfs's text behind the `/`. */
  policy?: string;
  /** `use=` of kernels 2.4. */
  use?: number;
  /** What the line says besides, in its order. */
  extra?: string[];
}

/** An expected TCP, UDP, UDP-Lite, SCTP or DCCP connection. */
export interface PortExpectation extends ExpectationBase<PortTuple> {
  /** By `proto=`. */
  protocol: 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp';
}
/** An expected ICMP or ICMPv6 exchange. */
export interface IcmpExpectation extends ExpectationBase<IcmpTuple> {
  /** By `proto=`. */
  protocol: 'icmp' | 'icmpv6';
}
/** An expected GRE tunnel, such as PPTP's. */
export interface GreExpectation extends ExpectationBase<GreTuple> {
  /** By `proto=`. */
  protocol: 'gre';
}
/** An expected connection of any other protocol; `protocolNumber` says which. */
export interface UnknownExpectation extends ExpectationBase<AddressTuple> {
  /** Also GRE and DCCP where the kernel prints neither keys nor ports. */
  protocol: 'unknown';
}

/** One expectation: a connection that a helper has read about in another one (`struct nf_conntrack_expect`). */
export type ConntrackExpectation = PortExpectation | IcmpExpectation | GreExpectation | UnknownExpectation;
