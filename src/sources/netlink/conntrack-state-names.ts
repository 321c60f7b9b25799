/** The states as `/proc/net/nf_conntrack` names them, by their numbers. */
const STATES: Readonly<Record<'tcp' | 'sctp' | 'dccp', readonly string[]>> = {
  /** `enum tcp_conntrack`; SYN_SENT2 was LISTEN up to Linux 2.6.30. */
  tcp: [
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
  ],
  /** `enum sctp_conntrack` */
  sctp: [
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
  ],
  /** `enum ct_dccp_states`, up to Linux 6.15 */
  dccp: [
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
  ],
};

/** The name of a protocol's state; undefined for a number that has none (yet), and for -1. */
export function stateName(protocol: keyof typeof STATES, state: number): string | undefined {
  return STATES[protocol][state];
}
