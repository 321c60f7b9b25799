import { performance } from 'node:perf_hooks';
import type { Counter } from '../../../parsers/counter.js';
import type { Asker } from '../../kernel/netlink/asker.js';
import { dumpSocketsNow, stateNow } from '../../kernel/netlink/inet-diag/dump-sockets.js';
import {
  finalFlags,
  finalPayload,
  peerFin,
  type FinalFlags,
  type PeerFin,
} from '../../kernel/netlink/inet-diag/final-payload.js';
import { openedHere, type TcpPayload } from '../../kernel/netlink/inet-diag/tcp-payload.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import { LISTEN } from './note-socket.js';
import type { Accounting } from '../../engine/accounting/accounting.js';
import { Allowance } from '../../engine/accounting/allowance.js';
import { FinDoubts } from '../../engine/accounting/fin-doubts.js';
import type { DirectedSocket, SocketEnds, SocketResolver } from './socket-resolver.js';
import type { EntryCounters } from '../../engine/accounting/tracked-entry.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** The limits for dumps of listeners because of unknown sockets: in a row, and in the long run. */
const LOOKS = { most: 32, perSecond: 50 } as const;

/** The counters of a socket. `original` is what it sent. Undefined if the kernel is too old to have them. */
export function countersOf(
  { segmentsOut, segmentsIn }: DiagRecord,
  payload: TcpPayload | undefined,
): EntryCounters | undefined {
  if (payload === undefined || segmentsOut < 0 || segmentsIn < 0) return undefined;
  return {
    original: { packets: segmentsOut, bytes: payload.sent },
    reply: { packets: segmentsIn, bytes: payload.received },
  };
}

/** Takes the events of sockets that have ended. */
export class EndedSockets {
  private readonly accounting: Accounting<DirectedSocket>;
  private readonly resolver: SocketResolver;
  private readonly asker: Asker;
  private readonly doubts = new FinDoubts();
  private readonly looks = new Allowance(LOOKS.most, LOOKS.perSecond);
  /** By cookie: true if the socket accepted its connection. It has the sockets of the current or last dump. */
  private accepted = new Map<string, boolean>();
  /** The same of the dump before. */
  private acceptedEarlier = this.accepted;
  /** The end of the dump that became the base. */
  private baseTime = 0;
  private hasSeen = false;

  constructor(accounting: Accounting<DirectedSocket>, resolver: SocketResolver, asker: Asker) {
    this.accounting = accounting;
    this.resolver = resolver;
    this.asker = asker;
  }

  /** True if there was any connection, live or ended. */
  get hasSeenAny(): boolean {
    return this.hasSeen;
  }

  beginDump(): void {
    this.acceptedEarlier = this.accepted;
    this.accepted = new Map();
  }

  /** Notes the end of the dump that becomes the base. @param time by the monotonic clock */
  baseIs(time: number): void {
    this.baseTime = time;
  }

  /** Takes a live socket of a dump. @returns true if it accepted its connection */
  remember(record: DiagRecord, ends: SocketEnds): boolean {
    const cookie = record.cookieText;
    const opened = openedHere(record);
    const accepted =
      (opened === undefined ? this.knownAs(cookie) : !opened) ?? this.resolver.hasAccepted(ends, undefined);
    this.accepted.set(cookie, accepted);
    this.see(record);
    return accepted;
  }

  /** The end that a socket was, by the last dumps. */
  private knownAs(cookie: string): boolean | undefined {
    return this.accepted.get(cookie) ?? this.acceptedEarlier.get(cookie);
  }

  /** Takes the event of a socket that has ended. */
  take(record: DiagRecord): void {
    // A socket without a peer was a listener, was never connected, or was reset by its program. A reset clears the figures.
    if (record.destinationPort === 0) this.takeWiped(record);
    else if (record.hasInfo) this.takeConnection(record);
  }

  private takeConnection(record: DiagRecord): void {
    const { accounting, resolver } = this;
    const ends = resolver.endsOf(record);
    const identity = resolver.identity(record);
    const known = accounting.known(identity);
    // A program can hold a socket whose connection ended before the start. No dump has shown such a socket. A socket that was idle
    // since the base has carried nothing since.
    if (known === undefined && record.idleMilliseconds > performance.now() - this.baseTime) return;
    const flags = this.flagsOf(record, ends);
    if (flags === undefined) return;
    this.see(record);
    const socket = { ends, accepted: flags.openedHere === false };
    if (!socket.accepted && resolver.isWithinHost(ends)) return;
    const fin = this.finOf(record, flags, known?.replyBytes);
    accounting.destroyed(identity, socket, countersOf(record, finalPayload(record, flags, fin)));
    this.settleDoubts(socket, fin);
  }

  /** Notes a connection. An unanswered attempt is none: its SYN may not even have left. */
  private see({ segmentsIn }: DiagRecord): void {
    if (segmentsIn !== 0) this.hasSeen = true;
  }

  private finOf(record: DiagRecord, flags: FinalFlags, received: Counter = 0): PeerFin {
    // Everything received is counted already, so none of it can be the FIN.
    if ((record.bytesReceived ?? 0) <= received) return 'none';
    return peerFin(record, flags, () => stateNow(this.asker, record, 'any socket'));
  }

  private settleDoubts(socket: DirectedSocket, fin: PeerFin): void {
    const isCertain = fin === 'unread' || fin === 'awaited';
    if ((!isCertain && fin !== 'doubtful') || !this.accounting.isStarted) return;
    const flow = this.resolver.resolve(socket);
    const bytes = isCertain ? this.doubts.certain(flow.flow) : this.doubts.doubtful(flow.flow);
    const nothing = { packets: 0, bytes: 0 };
    if (bytes > 0) this.accounting.amend(flow, { original: nothing, reply: { packets: 0, bytes } });
  }

  private flagsOf(record: DiagRecord, ends: SocketEnds): FinalFlags | undefined {
    const flags = finalFlags(record, undefined);
    if (flags === undefined || flags.openedHere !== undefined) return flags;
    return finalFlags(record, !this.hasAccepted(record, ends));
  }

  /** True if this end accepted the connection, by earlier dumps or by listeners. */
  private hasAccepted(record: DiagRecord, ends: SocketEnds): boolean {
    const known = this.knownAs(record.cookieText);
    if (known !== undefined) return known;
    if (this.resolver.isListening(ends)) return true;
    // The listener may be newer than the last dump.
    if (this.looks.take(performance.now())) this.lookForListeners();
    return this.resolver.hasAccepted(ends, undefined);
  }

  private lookForListeners(): void {
    for (const family of FAMILIES) {
      dumpSocketsNow(this.asker, { family, protocol: 'tcp', states: 1 << LISTEN }, (listener) => {
        this.resolver.addListener(listener);
      });
    }
  }

  /** Takes a socket that its program reset (`SO_LINGER` 0). The kernel has cleared its ends and counts, but not its clock. */
  private takeWiped(record: DiagRecord): void {
    if (!record.hasInfo || record.sentMillisecondsAgo > performance.now() - this.baseTime) return;
    const cookie = record.cookieText;
    // If a dump has shown it, the next dump misses it and reports the loss.
    if (this.accepted.has(cookie) || this.acceptedEarlier.has(cookie)) return;
    this.hasSeen = true;
    const ends = this.resolver.endsOf(record);
    if (!this.resolver.isWithinHost(ends)) this.accounting.destroyedUnknown();
  }
}
