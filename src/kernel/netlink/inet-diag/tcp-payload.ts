import { counterFromBigint, subtractCounters, type Counter } from '../../../../parsers/counter.js';
import type { DiagRecord } from './diag-record.js';

/** `net/tcp_states.h` */
const STATE = { finWait1: 4, finWait2: 5, closeWait: 8, lastAck: 9, closing: 11 } as const;

/** What of `tcpPayload` the kernel's figures depend on; a {@link DiagRecord} has it. */
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

/** Bytes of the stream, without any header. */
export interface TcpPayload {
  /** What the peer has acknowledged. */
  sent: Counter;
  /** What has come in, in order. */
  received: Counter;
}

/**
 * The payload that a TCP connection has carried; undefined where the kernel gives no `struct tcp_info`, or one from before
 * Linux 4.1.
 *
 * The kernel's counters are differences of sequence numbers (`tcp_snd_una_update`, `tcp_rcv_nxt_update`), so they hold the flags
 * that take one as well. As read in the source and measured on Linux 6.18:
 * - `tcpi_bytes_received` counts the peer's FIN, never its SYN. The FIN has come in CLOSE_WAIT, LAST_ACK and CLOSING.
 * - `tcpi_bytes_acked` counts the own FIN, acknowledged in FIN_WAIT2, and the own SYN where this end opened the connection: the
 *   accepting end starts behind its SYN.
 *
 * No field says who opened. But payload sent for the first time is `tcpi_bytes_sent` − `tcpi_bytes_retrans` (Linux 4.19), and
 * all that was sent is either acknowledged or in flight (`idiag_wqueue` − `tcpi_notsent_bytes`); what is then missing is the SYN.
 * The kernel reads the queue outside the lock that it takes for the rest: while data moves the sum can be out, and the SYN is then
 * taken off only as far as the payload sent shows it. Once nothing is in flight the result is exact.
 *
 * @param openedHere who opened, for kernels before 4.19 and while the sum is out; where that is not known either, the SYN of
 *   an opener may stay in.
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
 * The payload that a live connection has carried, where it is known who opened. Of what this end sent, only figures count that
 * the kernel reads under one lock: acknowledged numbers that are no payload are flags. The state, which tells of the peer's FIN,
 * is read before it waits for that lock: `finMayHaveCome` is for a state that has changed since, and then there may be a byte more.
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

/** How many of the acknowledged sequence numbers are the SYN's. */
function synIn(
  figures: TcpFigures,
  bytesAcked: Counter,
  finAcked: number,
  openedHere: boolean | undefined,
): number {
  const { state, bytesSent, bytesRetransmitted, writeQueue, notSentBytes } = figures;
  if (bytesSent === undefined || bytesRetransmitted === undefined) return openedHere === true ? 1 : 0;
  const finQueued = state === STATE.finWait1 || state === STATE.lastAck || state === STATE.closing;
  // The FIN is the last to be sent.
  const finInFlight = finQueued && notSentBytes === 0 ? 1 : 0;
  const inFlight = writeQueue - notSentBytes - finInFlight;
  const missing = acknowledgedBeyond(bytesAcked, bytesSent, bytesRetransmitted) - finAcked;
  const syn = missing + inFlight;
  if (syn === 0 || syn === 1) return syn;
  if (openedHere !== undefined) return openedHere ? 1 : 0;
  return Math.max(missing, 0);
}

/** `acked` − (`sent` − `again`). There are as many of these to work out as sockets: without bigints where they are not needed. */
export function acknowledgedBeyond(acked: Counter, sent: Counter, again: Counter): number {
  return typeof acked === 'number' && typeof sent === 'number' && typeof again === 'number'
    ? acked - sent + again
    : Number(BigInt(acked) - BigInt(sent) + BigInt(again));
}

/** A counter without what the flags took of it. In SYN_SENT the SYN is in flight and nothing is acknowledged: what comes out is never below 0. */
export function less(counter: Counter, few: number): Counter {
  if (typeof counter === 'number') return Math.max(counter - few, 0);
  return counterFromBigint(counter - BigInt(few));
}
