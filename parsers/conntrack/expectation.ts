import type { Counter } from '../counter.js';
import type { AddressTuple, AnyTuple, GreTuple, IcmpTuple, PortTuple } from './entry.js';
import type { ConntrackEventType, EventTimestamp } from './event.js';

/** The bits of `NF_CT_EXPECT_*` that the text shows, each under the text's own name. */
export interface ExpectationFlags {
  /** `PERMANENT`: stays after a connection has met it. */
  permanent: boolean;
  /** `INACTIVE`: matches nothing until the helper activates it. */
  inactive: boolean;
  /** `USERSPACE`: made by a helper in user space. */
  userspace: boolean;
}

/** The fields that expectations of every protocol have. A field absent from the line is absent here. */
export interface ExpectationBase<Tuple extends AddressTuple> {
  /** The change to the expectation; only in lines of `conntrack -E expect`. */
  type?: ConntrackEventType;
  /** The time of the event, from `-o timestamp`. */
  timestamp?: EventTimestamp;
  /** `ipv4` or `ipv6`: from `l3proto`, else from the addresses. */
  family: 'ipv4' | 'ipv6';
  /** `proto=`: the IANA protocol number, `IPPROTO_*`. */
  protocolNumber: number;
  /** Seconds until the kernel forgets the expectation; undefined if it has no timer (`-`). */
  timeoutSeconds?: Counter;
  /** The expected connection. 0 (or the unspecified address) stands for any value. */
  tuple: Tuple;
  /** `mask-src=`, `mask-dst=` and the following keys: the bits of `tuple` that count. Not in procfs. */
  mask?: AnyTuple;
  /**
   * `master-src=`, `master-dst=` and the following keys: the connection whose helper expects this one. Not in procfs.
   */
  master?: AnyTuple;
  /** The flags; all false if the line has none. */
  flags: ExpectationFlags;
  /** `zone=`. */
  zone?: number;
  /** `class=`: the helper's policy that applies. */
  class?: number;
  /** The helper that expects it, such as `ftp`. */
  helper?: string;
  /** The name of the helper's policy, such as SIP's `audio`. Procfs prints it after the `/`. */
  policy?: string;
  /** `use=`, printed by 2.4 kernels. */
  use?: number;
  /** All other fields of the line, in its order. */
  extra?: string[];
}

/** An expected TCP, UDP, UDP-Lite, SCTP or DCCP connection. */
export interface PortExpectation extends ExpectationBase<PortTuple> {
  /** Discriminates by `proto=`. */
  protocol: 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp';
}
/** An expected ICMP or ICMPv6 exchange. */
export interface IcmpExpectation extends ExpectationBase<IcmpTuple> {
  /** Discriminates by `proto=`. */
  protocol: 'icmp' | 'icmpv6';
}
/** An expected GRE tunnel, such as PPTP's. */
export interface GreExpectation extends ExpectationBase<GreTuple> {
  /** Discriminates by `proto=`. */
  protocol: 'gre';
}
/** An expected connection of any other protocol. `protocolNumber` identifies it. */
export interface UnknownExpectation extends ExpectationBase<AddressTuple> {
  /** Discriminates by `proto=`. Includes GRE and DCCP if the kernel prints neither keys nor ports. */
  protocol: 'unknown';
}

/** One expectation: a connection that a helper found announced in another one (`struct nf_conntrack_expect`). */
export type ConntrackExpectation = PortExpectation | IcmpExpectation | GreExpectation | UnknownExpectation;
