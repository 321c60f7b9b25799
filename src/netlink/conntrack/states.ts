/** `enum tcp_conntrack`, as `/proc/net/nf_conntrack` names its values; SYN_SENT2 was LISTEN up to Linux 2.6.30. */
const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;

/** `enum sctp_conntrack` */
const SCTP_STATES = [
  'NONE',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'ESTABLISHED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT',
  'HEARTBEAT_ACKED',
] as const;

/** `enum ct_dccp_states`, up to Linux 6.15 */
const DCCP_STATES = [
  'NONE',
  'REQUEST',
  'RESPOND',
  'PARTOPEN',
  'OPEN',
  'CLOSEREQ',
  'CLOSING',
  'TIMEWAIT',
  'IGNORE',
  'INVALID',
] as const;

const STATES = { tcp: TCP_STATES, sctp: SCTP_STATES, dccp: DCCP_STATES };

/** The name of a protocol's state; undefined for a number that has none (yet), and for -1. */
export function stateName(protocol: keyof typeof STATES, state: number): string | undefined {
  return STATES[protocol][state];
}
