import { subtractCounters, type Counter } from '../../../../parsers/counter.js';
import { acknowledgedBeyond, less, type TcpPayload } from './tcp-payload.js';
import type { DiagRecord } from './diag-record.js';

/** The figures of the kernel that {@link finalPayload} needs. A {@link DiagRecord} has them. */
export type FinalFigures = Pick<
  DiagRecord,
  | 'bytesAcked'
  | 'bytesReceived'
  | 'bytesSent'
  | 'bytesRetransmitted'
  | 'dataSegmentsIn'
  | 'dataSegmentsOut'
  | 'segmentsDelivered'
  | 'segmentsRetransmitted'
  | 'receiveQueue'
  | 'writeQueue'
  | 'notSentBytes'
>;

/** The flags that a socket has sent, as its last figures show them. */
export interface FinalFlags {
  /** True if this end opened the connection, and so sent a SYN; undefined if nobody can tell. */
  openedHere: boolean | undefined;
  /** True if this end sent a FIN. A connection that is reset, or never answered, ends without one. */
  finSent: boolean;
  /** The sequence numbers that it sent and that were not acknowledged. */
  inFlight: number;
}

/**
 * The flags that a destroyed socket has sent. Its state is CLOSE and tells nothing, but the kernel leaves the sequence numbers as
 * they were. Each number that was sent is acknowledged (`tcpi_bytes_acked`) or in flight (`idiag_wqueue` − `tcpi_notsent_bytes`).
 * The numbers that are not payload (`tcpi_bytes_sent` − `tcpi_bytes_retrans`, Linux 4.19) are flags:
 * - Two are SYN and FIN.
 * - One is the SYN of an opener or the FIN of an acceptor. A FIN in a segment of its own shows in the number of delivered segments.
 *   Else `openedHere` settles it.
 * - None means an acceptor that sent no FIN.
 */
export function finalFlags(figures: FinalFigures, openedHere: boolean | undefined): FinalFlags | undefined {
  const { bytesAcked, bytesSent, bytesRetransmitted, writeQueue, notSentBytes } = figures;
  if (bytesAcked === undefined) return undefined;
  const inFlight = writeQueue - Math.max(notSentBytes, 0);
  if (bytesSent === undefined || bytesRetransmitted === undefined) {
    return { openedHere, finSent: inFlight === 0, inFlight };
  }
  const flags = acknowledgedBeyond(bytesAcked, bytesSent, bytesRetransmitted) + inFlight;
  if (flags <= 0) return { openedHere: false, finSent: false, inFlight };
  if (flags >= 2) return { openedHere: true, finSent: true, inFlight };
  if (hasSentFinAlone(figures)) return { openedHere: false, finSent: true, inFlight };
  return { openedHere, finSent: openedHere === false, inFlight };
}

/**
 * True if a FIN without payload was acknowledged. `tcpi_delivered` counts each segment with payload, the SYN or SYN-ACK, and such a
 * FIN. A FIN behind payload, in one segment with it, does not show.
 */
function hasSentFinAlone({
  segmentsDelivered,
  dataSegmentsOut,
  segmentsRetransmitted,
}: FinalFigures): boolean {
  return segmentsDelivered >= 0 && segmentsRetransmitted === 0 && segmentsDelivered === dataSegmentsOut + 2;
}

/** Tells if a socket received the peer's FIN, as far as its last figures show it. */
export type PeerFin =
  /** It did. */
  | 'came'
  /** It did not. */
  | 'none'
  /** It did, but the program closed first and never read it. */
  | 'unread'
  /** It did not: the program closed first, and the peer had not closed yet. */
  | 'awaited'
  /** This end closed first, and the peer has closed as well, perhaps after the socket was gone. */
  | 'doubtful';

/** `net/tcp_states.h` */
const STATE = { finWait2: 5, timeWait: 6 } as const;

/**
 * Tells if the peer's FIN is among the received sequence numbers. The kernel keeps no flag or state of it. It leaves these traces,
 * measured on Linux 6.18:
 * - `tcpi_data_segs_in` counts the segments with payload. Without any, a received number is the FIN. With some, a single number is
 *   payload.
 * - `idiag_rqueue` counts the numbers that the program has not read. A program that closes in order has read all data, so the rest
 *   is the FIN. A program that reads to the end has read the FIN too, and the queue is 0, as it is without a FIN.
 * - The end that closes second has received the FIN, and the kernel forgets the connection. For the end that closes first the
 *   kernel keeps it: in FIN_WAIT2 until the FIN comes, in TIME_WAIT after it. `stateNow` asks for that.
 * - TIME_WAIT with an empty queue is doubtful. Either the program read to the end before it closed its socket, or it closed the
 *   socket first and the FIN came before the question.
 * - After a reset, a queue of 1 is more likely a FIN than a byte. Any other queue means that no FIN came.
 *
 * @param stateNow gives the state in which the kernel still holds the connection, if it does
 */
export function peerFin(
  { bytesReceived, dataSegmentsIn, receiveQueue }: FinalFigures,
  { finSent }: FinalFlags,
  stateNow: () => number | undefined,
): PeerFin {
  if (bytesReceived === undefined || bytesReceived === 0) return 'none';
  if (dataSegmentsIn === 0) return 'came';
  if (bytesReceived === 1) return 'none';
  if (!finSent) return receiveQueue === 1 ? 'came' : 'none';
  switch (stateNow()) {
    case STATE.finWait2:
      return 'awaited';
    case STATE.timeWait:
      return receiveQueue > 0 ? 'unread' : 'doubtful';
    default:
      return 'came';
  }
}

/**
 * The payload that a destroyed TCP socket carried; undefined if the kernel gave no `struct tcp_info`. A doubtful FIN counts as one,
 * so there may be a byte more.
 */
export function finalPayload(figures: FinalFigures, flags: FinalFlags, fin: PeerFin): TcpPayload | undefined {
  const { bytesReceived } = figures;
  const sent = sentPayload(figures, flags);
  if (sent === undefined || bytesReceived === undefined) return undefined;
  return { sent, received: less(bytesReceived, fin === 'none' || fin === 'awaited' ? 0 : 1) };
}

function sentPayload(
  { bytesAcked, bytesSent, bytesRetransmitted }: FinalFigures,
  { openedHere, finSent, inFlight }: FinalFlags,
): Counter | undefined {
  if (bytesAcked === undefined) return undefined;
  const syn = openedHere === true ? 1 : 0;
  // The FIN is acknowledged last.
  if (inFlight > 0) return less(bytesAcked, syn);
  if (bytesSent === undefined || bytesRetransmitted === undefined) {
    return less(bytesAcked, syn + (finSent ? 1 : 0));
  }
  return subtractCounters(bytesSent, bytesRetransmitted);
}
