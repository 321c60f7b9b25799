/** `struct nfgenmsg`, before the attributes: family, version, resource id. */
export const NFGENMSG_BYTES = 4;

/** `enum ctattr_*` of linux/netfilter/nfnetlink_conntrack.h, those that are read here. */
export const CTA = {
  tupleOrig: 1,
  tupleReply: 2,
  status: 3,
  protoinfo: 4,
  help: 5,
  timeout: 7,
  mark: 8,
  countersOrig: 9,
  countersReply: 10,
  use: 11,
  id: 12,
  zone: 18,
  secctx: 19,
  timestamp: 20,
  labels: 22,
} as const;

/** `enum ctattr_tuple` */
export const CTA_TUPLE = { ip: 1, proto: 2, zone: 3 } as const;

/** `enum ctattr_ip` */
export const CTA_IP = { v4Src: 1, v4Dst: 2, v6Src: 3, v6Dst: 4 } as const;

/** `enum ctattr_l4proto` */
export const CTA_PROTO = {
  num: 1,
  srcPort: 2,
  dstPort: 3,
  icmpId: 4,
  icmpType: 5,
  icmpCode: 6,
  icmpv6Id: 7,
  icmpv6Type: 8,
  icmpv6Code: 9,
} as const;

/** `CTA_PROTOINFO_TCP_STATE`, `CTA_PROTOINFO_DCCP_STATE`, `CTA_PROTOINFO_SCTP_STATE` */
export const CTA_PROTOINFO_STATE = 1;

/** `CTA_PROTOINFO_TCP`, and in it `CTA_PROTOINFO_TCP_FLAGS_ORIGINAL` */
export const CTA_PROTOINFO_TCP = { itself: 1, flagsOriginal: 4 } as const;

/**
 * `IP_CT_TCP_FLAG_BE_LIBERAL` of linux/netfilter/nf_conntrack_tcp.h: the kernel leaves the window unchecked. It is set if conntrack
 * met the connection in mid-stream, and by offload in tc and OVS.
 */
export const TCP_BE_LIBERAL = 0x08;

/** `enum ctattr_counters`; kernels before 2.6.29 send the 32-bit ones. */
export const CTA_COUNTERS = { packets: 1, bytes: 2, packets32: 3, bytes32: 4 } as const;

/** `enum ctattr_tstamp`, in nanoseconds since 1970 */
export const CTA_TIMESTAMP = { start: 1, stop: 2 } as const;

/** `CTA_HELP_NAME`, `CTA_SECCTX_NAME` */
export const CTA_NAME = 1;
