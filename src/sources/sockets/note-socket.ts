import { TCP } from '../../engine/connection.js';
import type { SocketEvidence } from '../../engine/evidence.js';

/** The states of sockets that are no connections (`include/net/tcp_states.h`). */
const NOT_CONNECTED: ReadonlySet<number> = new Set([
  3 /* SYN_RECV */, 6 /* TIME_WAIT */, 7 /* CLOSE */, 10 /* LISTEN */, 12 /* NEW_SYN_RECV */,
]);
const SYN_SENT = 2;
/** `TCP_LISTEN` */
export const LISTEN = 10;
const CLOSE = 7;

/** The states of TCP sockets that are connections, as bits. */
export const CONNECTED_STATES: number = [1, SYN_SENT, 4, 5, 8, 9, 11].reduce(
  (bits, state) => bits | (1 << state),
  0,
);

/** The states of the sockets that are needed, as bits. A source that can select by state need not read others. */
export const STATES_THAT_TELL: { readonly tcp: number; readonly udp: number } = {
  tcp: CONNECTED_STATES | (1 << LISTEN),
  /** A connected UDP socket is in ESTABLISHED. */
  udp: (1 << 1) | (1 << CLOSE),
};

/** An end of a socket. The address is an id of the evidence's table. */
type End = readonly [address: number, port: number];

/**
 * Adds a socket to the evidence, if it is a listener or a live connection.
 * @param openedHere true if its figures show that it opened the connection; undefined if nobody can tell
 * @returns the index of a live connection in the evidence, else -1
 */
export function noteSocket(
  evidence: SocketEvidence,
  protocolNumber: number,
  state: number,
  [local, localPort]: End,
  [remote, remotePort]: End,
  openedHere?: boolean,
): number {
  // An unconnected UDP socket accepts datagrams from anyone, as a listener does.
  const listens = state === (protocolNumber === TCP ? LISTEN : CLOSE) && remotePort === 0;
  if (listens) {
    if (localPort !== 0) evidence.addListener(protocolNumber, local, localPort);
  } else if (!NOT_CONNECTED.has(state) && remotePort !== 0) {
    // A socket that waits for the answer to its SYN has opened its connection.
    const opened = protocolNumber === TCP && state === SYN_SENT ? true : openedHere;
    return evidence.addLive({
      protocolNumber,
      local,
      localPort,
      remote,
      remotePort,
      openedHere: opened,
      state,
    });
  }
  return -1;
}
