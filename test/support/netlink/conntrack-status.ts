/** `enum ip_conntrack_status` of linux/netfilter/nf_conntrack_common.h, the bits that are read here. */
export const IPS = {
  seenReply: 0x2,
  assured: 0x4,
  offload: 0x4000,
  hardwareOffload: 0x8000,
} as const;
