import { counterFromBigint, subtractCounters, type Counter } from '../../../../parsers/counter.js';
import type { DiagRecord } from './diag-record.js';

/** `net/tcp_states.h` */
const STATE = {
  established: 1,
  synSent: 2,
  finWait1: 4,
  finWait2: 5,
  closeWait: 8,
  lastAck: 9,
  closing: 11,
} as const;

/** The figures of the kernel that {@link tcpPayload} needs. A {@link DiagRecord} has them. */
export type TcpFigures = Pick<
  DiagRecord,
  | 'state'
  | 'bytesAcked'
  | 'bytesReceived'
  | 'bytesSent'
  | 'bytesRetransmitted'
  | 'writeQueue'
  | 'notSentBytes'
>;

/** The bytes of a stream, without any header. */
export interface TcpPayload {
  /** The bytes that the peer has acknowledged. */
  sent: Counter;
  /** The bytes that have come in, in order. */
  received: Counter;
}

/**
 * The payload that a TCP connection has carried; undefined if the kernel gives no `struct tcp_info`, or one from before Linux 4.1.
 *
 * The kernel's counters are differences of sequence numbers (`tcp_snd_una_update`, `tcp_rcv_nxt_update`). So they count SYN and FIN
 * as well, which take a number each. The source says, and Linux 6.18 confirms:
 * - `tcpi_bytes_received` counts the peer's FIN, never its SYN. The FIN has come in CLOSE_WAIT, LAST_ACK and CLOSING.
 * - `tcpi_bytes_acked` counts the own FIN, which is acknowledged in FIN_WAIT2.
 * - `tcpi_bytes_acked` counts the own SYN if this end opened the connection. The accepting end starts behind its SYN.
 *
 * No field tells which end opened. But the payload without repetitions is `tcpi_bytes_sent` − `tcpi_bytes_retrans` (Linux 4.19), and
 * each sent number is either acknowledged or in flight (`idiag_wqueue` − `tcpi_notsent_bytes`). The difference is the SYN.
 *
 * The kernel reads the queue outside the lock that it takes for the rest, so the sum can be wrong while data moves. Then the SYN is
 * subtracted only as far as the sent payload shows it. Once nothing is in flight, the result is exact.
 *
 * @param openedHere true if this end opened. It is used on kernels before 4.19, and while the sum is wrong. If it is unknown too,
 *   the SYN of an opener may stay in.
 */
export function tcpPayload(figures: TcpFigures, openedHere?: boolean): TcpPayload | undefined {
  const { state, bytesAcked, bytesReceived } = figures;
  if (bytesAcked === undefined || bytesReceived === undefined) return undefined;
  const finCame = state === STATE.closeWait || state === STATE.lastAck || state === STATE.closing;
  const finAcked = state === STATE.finWait2 ? 1 : 0;
  return {
    sent: less(bytesAcked, finAcked + synIn(figures, bytesAcked, finAcked, openedHere)),
    received: less(bytesReceived, finCame ? 1 : 0),
  };
}

/**
 * The payload that a live connection has carried, if the opener is known. For the sent bytes it uses only figures that the kernel
 * reads under one lock: acknowledged numbers that are not payload are flags.
 *
 * The kernel reads the state, which tells of the peer's FIN, before it waits for that lock. `finMayHaveCome` is for a state that may
 * have changed in between. Then there may be a byte more.
 */
export function livePayload(
  figures: TcpFigures,
  openedHere: boolean,
  finMayHaveCome: boolean,
): TcpPayload | undefined {
  const payload = tcpPayload(figures, openedHere);
  const { bytesAcked, bytesReceived, bytesSent, bytesRetransmitted } = figures;
  if (payload === undefined || bytesAcked === undefined || bytesReceived === undefined) return undefined;
  const received = finMayHaveCome ? less(bytesReceived, 1) : payload.received;
  if (bytesSent === undefined || bytesRetransmitted === undefined) return { ...payload, received };
  const acked = less(bytesAcked, openedHere ? 1 : 0);
  const sent = subtractCounters(bytesSent, bytesRetransmitted);
  return { sent: acked < sent ? acked : sent, received };
}

/** The states in which no FIN is on its way, so that a number beyond the payload is the SYN. */
const WITHOUT_MOVING_FIN: ReadonlySet<number> = new Set([STATE.established, STATE.finWait2, STATE.closeWait]);

/**
 * True if this end of a live connection opened it, false if it accepted it: see {@link tcpPayload}. Undefined on kernels before 4.19, and
 * while the sum can be wrong. The kernel reads the state, then the queue, then the state again (`tcpi_state`), then the rest under a
 * lock. If the state changed in between, a FIN can be in one figure and not in another.
 */
export function openedHere(figures: TcpFigures & Pick<DiagRecord, 'infoState'>): boolean | undefined {
  const { state, infoState, bytesAcked, bytesSent, bytesRetransmitted } = figures;
  if (state === STATE.synSent) return true;
  if (state !== infoState || !WITHOUT_MOVING_FIN.has(state)) return undefined;
  if (bytesAcked === undefined || bytesSent === undefined || bytesRetransmitted === undefined)
    return undefined;
  const syn = shownSyn(figures, bytesAcked, state === STATE.finWait2 ? 1 : 0);
  return syn === 0 ? false : syn === 1 ? true : undefined;
}

/** The number of acknowledged sequence numbers that belong to the SYN: 0 or 1, unless the sum is wrong. */
function synIn(
  figures: TcpFigures,
  bytesAcked: Counter,
  finAcked: number,
  openedHere: boolean | undefined,
): number {
  const { bytesSent, bytesRetransmitted } = figures;
  if (bytesSent === undefined || bytesRetransmitted === undefined) return openedHere === true ? 1 : 0;
  const syn = shownSyn(figures, bytesAcked, finAcked);
  if (syn === 0 || syn === 1) return syn;
  if (openedHere !== undefined) return openedHere ? 1 : 0;
  return Math.max(acknowledgedBeyond(bytesAcked, bytesSent, bytesRetransmitted) - finAcked, 0);
}

/** The acknowledged numbers that are neither payload nor FIN. */
function shownSyn(figures: TcpFigures, bytesAcked: Counter, finAcked: number): number {
  const { state, bytesSent = 0, bytesRetransmitted = 0, writeQueue, notSentBytes } = figures;
  const finQueued = state === STATE.finWait1 || state === STATE.lastAck || state === STATE.closing;
  // The FIN is sent last.
  const finInFlight = finQueued && notSentBytes === 0 ? 1 : 0;
  const inFlight = writeQueue - notSentBytes - finInFlight;
  return acknowledgedBeyond(bytesAcked, bytesSent, bytesRetransmitted) - finAcked + inFlight;
}

/** `acked` − (`sent` − `again`). It is worked out for every socket, so it avoids bigints if it can. */
export function acknowledgedBeyond(acked: Counter, sent: Counter, again: Counter): number {
  return typeof acked === 'number' && typeof sent === 'number' && typeof again === 'number'
    ? acked - sent + again
    : Number(BigInt(acked) - BigInt(sent) + BigInt(again));
}

/** A counter without the numbers of flags, never below 0. In SYN_SENT the SYN is in flight and nothing is acknowledged yet. */
export function less(counter: Counter, few: number): Counter {
  if (typeof counter === 'number') return Math.max(counter - few, 0);
  return counterFromBigint(counter - BigInt(few));
}
