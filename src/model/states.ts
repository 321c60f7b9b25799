/** The states of entries as `/proc/net/nf_conntrack` names them, by their numbers. */
const CONNTRACK_STATES: Readonly<Record<'tcp' | 'sctp' | 'dccp', readonly string[]>> = {
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

/** The states of TCP sockets that are connections, by their numbers in `net/tcp_states.h`. */
const SOCKET_STATES: Readonly<Record<number, string>> = {
  1: 'ESTABLISHED',
  2: 'SYN_SENT',
  4: 'FIN_WAIT1',
  5: 'FIN_WAIT2',
  8: 'CLOSE_WAIT',
  9: 'LAST_ACK',
  11: 'CLOSING',
};

/** The states of protocols without states of their own. */
const REPLY_STATES = { unreplied: 'UNREPLIED', replied: 'REPLIED' } as const;

/** Every state, as the kernel names it. LISTEN was conntrack's tenth state of TCP up to Linux 2.6.30. */
export const STATES: ReadonlySet<string> = new Set([
  ...Object.values(CONNTRACK_STATES).flat(),
  'LISTEN',
  ...Object.values(SOCKET_STATES),
  ...Object.values(REPLY_STATES),
]);

/** The name of a protocol's state; undefined for a number that has none (yet), and for -1. */
export function stateName(protocol: keyof typeof CONNTRACK_STATES, state: number): string | undefined {
  return CONNTRACK_STATES[protocol][state];
}

/** The state of an entry of a protocol without states. */
export function replyState(isUnreplied: boolean): string {
  return isUnreplied ? REPLY_STATES.unreplied : REPLY_STATES.replied;
}

/** The name of the state of a TCP socket; empty for any other number. */
export function socketStateName(state: number): string {
  return SOCKET_STATES[state] ?? '';
}
