import { TCP } from '../../engine/connection.js';
import type { SocketEvidence } from '../../engine/evidence.js';

/** Sockets in these states are no connections (`include/net/tcp_states.h`). */
const NOT_CONNECTED: ReadonlySet<number> = new Set([
  3 /* SYN_RECV */, 6 /* TIME_WAIT */, 7 /* CLOSE */, 10 /* LISTEN */, 12 /* NEW_SYN_RECV */,
]);
const SYN_SENT = 2;
/** `TCP_LISTEN` */
export const LISTEN = 10;
const CLOSE = 7;

/** As bits, the states of TCP sockets that are connections. */
export const CONNECTED_STATES: number = [1, SYN_SENT, 4, 5, 8, 9, 11].reduce(
  (bits, state) => bits | (1 << state),
  0,
);

/** As bits, the states of the sockets that say something: whoever can ask for those only need not read the others. */
export const STATES_THAT_TELL: { readonly tcp: number; readonly udp: number } = {
  tcp: CONNECTED_STATES | (1 << LISTEN),
  /** ESTABLISHED is a connected one. */
  udp: (1 << 1) | (1 << CLOSE),
};

/** An end of a socket whose address is in the evidence's table. */
type End = readonly [address: number, port: number];

/**
 * Notes a socket for what it is: a listener, a live connection, or neither.
 * @returns the live connection's index in the evidence, -1 for others
 */
export function noteSocket(
  evidence: SocketEvidence,
  protocolNumber: number,
  state: number,
  [local, localPort]: End,
  [remote, remotePort]: End,
): number {
  // An unconnected UDP socket accepts from anyone: it is UDP's listener.
  const listens = state === (protocolNumber === TCP ? LISTEN : CLOSE) && remotePort === 0;
  if (listens) {
    if (localPort !== 0) evidence.addListener(protocolNumber, local, localPort);
  } else if (!NOT_CONNECTED.has(state) && remotePort !== 0) {
    const isOpening = protocolNumber === TCP && state === SYN_SENT;
    return evidence.addLive({ protocolNumber, local, localPort, remote, remotePort, isOpening });
  }
  return -1;
}
