/** The states of connections, as the kernel names them: conntrack's of TCP, SCTP and DCCP, those of sockets, and of other protocols. */
export const STATES: readonly string[] =
  `NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2 LISTEN CLOSED COOKIE_WAIT COOKIE_ECHOED SHUTDOWN_SENT SHUTDOWN_RECD
  SHUTDOWN_ACK_SENT HEARTBEAT_SENT HEARTBEAT_ACKED REQUEST RESPOND PARTOPEN OPEN CLOSEREQ TIMEWAIT IGNORE INVALID FIN_WAIT1 FIN_WAIT2 CLOSING UNREPLIED REPLIED`.split(
    /\s+/,
  );

/** The state of an entry of a protocol without states. */
export function replyState(isUnreplied: boolean): 'UNREPLIED' | 'REPLIED' {
  return isUnreplied ? 'UNREPLIED' : 'REPLIED';
}

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

/** The name of the state of a TCP socket; empty for any other number. */
export function socketStateName(state: number): string {
  return SOCKET_STATES[state] ?? '';
}
