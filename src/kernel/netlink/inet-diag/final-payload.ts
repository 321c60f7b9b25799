import { subtractCounters, type Counter } from '../../../../parsers/counter.js';
import { acknowledgedBeyond, less, type TcpPayload } from './tcp-payload.js';
import type { DiagRecord } from './diag-record.js';

/** What of {@link finalPayload} the kernel's figures depend on; a {@link DiagRecord} has it. */
export type FinalFigures = Pick<
  DiagRecord,
  | 'bytesAcked'
  | 'bytesReceived'
  | 'bytesSent'
  | 'bytesRetransmitted'
  | 'dataSegmentsIn'
  | 'receiveQueue'
  | 'writeQueue'
  | 'notSentBytes'
>;

/** What the last figures of a socket say of the flags that it sent. */
export interface FinalFlags {
  /** Whether this end opened the connection: its SYN is among what it sent. Undefined where nobody can tell. */
  openedHere: boolean | undefined;
  /** Whether this end sent a FIN, and so did not end by a reset or without an answer. */
  finSent: boolean;
  /** How many sequence numbers it sent that were not acknowledged. */
  inFlight: number;
}

/**
 * The flags that a destroyed socket has sent. Its state is CLOSE and tells nothing, but the kernel leaves the sequence numbers as
 * they were: all that were sent are acknowledged (`tcpi_bytes_acked`) or in flight (`idiag_wqueue` − `tcpi_notsent_bytes`), and
 * those that are not payload (`tcpi_bytes_sent` − `tcpi_bytes_retrans`, Linux 4.19) are flags. Two are SYN and FIN. One is the
 * SYN of an opener or the FIN of an acceptor, which `openedHere` settles. None: an acceptor that sent no FIN.
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
  return { openedHere, finSent: openedHere === false, inFlight };
}

/** Whether the peer's FIN is among what a socket has received, as far as its last figures tell. */
export type PeerFin =
  /** It is. */
  | 'came'
  /** It is not. */
  | 'none'
  /** It is, and was not read: the program closed first, and looked no further. */
  | 'unread'
  /** It is not: the program closed first, and the peer had not closed yet. */
  | 'awaited'
  /** This end closed first, and the peer has closed as well: the socket may have been gone by then. */
  | 'doubtful';

/** `net/tcp_states.h` */
const STATE = { finWait2: 5, timeWait: 6 } as const;

/**
 * Whether the peer's FIN is among what was received. There is no flag or state left of it. What is left, as measured on Linux 6.18:
 * - Without a segment with payload (`tcpi_data_segs_in`) there was a FIN at most; and one number is payload with one, a FIN without.
 * - `idiag_rqueue` holds what the program has not read. Who closes in order has read all data, so what it then holds is the FIN.
 *   A program that reads to the end has read the FIN too, and 0 stands there, as where none came.
 * - The end that closes second has had the FIN, and leaves nothing. Of the one that closes first the kernel keeps the connection:
 *   in FIN_WAIT2 until the FIN comes, in TIME_WAIT after it. `stateNow` asks for that.
 * - That leaves TIME_WAIT and an empty queue: the program has read to the end before it closed its socket, or has closed it, and
 *   the FIN came between that and the question.
 * - After a reset a queue of 1 is more likely a FIN than a byte; another queue, or none, goes with no FIN.
 *
 * @param stateNow the state in which the kernel still holds the connection, if it does
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
 * The payload that a destroyed TCP socket carried; undefined where the kernel gives no `struct tcp_info` to tell it from.
 * A doubtful FIN is taken for one: then there may be a byte more.
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
  // The FIN is the last to be acknowledged.
  if (inFlight > 0) return less(bytesAcked, syn);
  if (bytesSent === undefined || bytesRetransmitted === undefined) {
    return less(bytesAcked, syn + (finSent ? 1 : 0));
  }
  return subtractCounters(bytesSent, bytesRetransmitted);
}
