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
import type { TcpPayload } from '../../kernel/netlink/inet-diag/tcp-payload.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import { LISTEN } from './note-socket.js';
import type { Accounting } from '../../engine/accounting/accounting.js';
import { Allowance } from '../../engine/accounting/allowance.js';
import { FinDoubts } from '../../engine/accounting/fin-doubts.js';
import type { DirectedSocket, SocketEnds, SocketResolver } from './socket-resolver.js';
import type { EntryCounters } from '../../engine/accounting/tracked-entry.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** How often the listeners are looked at for sockets that nobody knows: in a row, and in the long run. */
const LOOKS = { most: 32, perSecond: 50 } as const;

/** The counters of a socket: what it sent first. Undefined where the kernel is too old to have them. */
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
  /** By cookie: whether the sockets of the dump in progress, or the last, and of the one before, accepted their connection. */
  private accepted = new Map<string, boolean>();
  private acceptedEarlier = this.accepted;
  /** When the dump ended that became the base. */
  private baseTime = 0;
  private hasSeen = false;

  constructor(accounting: Accounting<DirectedSocket>, resolver: SocketResolver, asker: Asker) {
    this.accounting = accounting;
    this.resolver = resolver;
    this.asker = asker;
  }

  /** Whether there was any connection, live or ended. */
  get hasSeenAny(): boolean {
    return this.hasSeen;
  }

  beginDump(): void {
    this.acceptedEarlier = this.accepted;
    this.accepted = new Map();
  }

  /** The dump that is to be the base has ended, at this time of the monotonic clock. */
  baseIs(time: number): void {
    this.baseTime = time;
  }

  /** A dump shows a live socket. */
  remember(record: DiagRecord, accepted: boolean): void {
    this.accepted.set(record.cookieText, accepted);
    this.see(record);
  }

  /** A socket has ended. */
  take(record: DiagRecord): void {
    // Without a peer it listened, or never was connected; or its program has reset it, and the kernel its figures.
    if (record.destinationPort === 0) this.takeWiped(record);
    else if (record.hasInfo) this.takeConnection(record);
  }

  private takeConnection(record: DiagRecord): void {
    const { accounting, resolver } = this;
    const ends = resolver.endsOf(record);
    const identity = resolver.identity(record);
    const known = accounting.known(identity);
    // A program can hold a connection for long that has ended before the start: then no dump has shown it. What did nothing since
    // has carried nothing since, in any case.
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

  /** An attempt that nobody answers is no connection: its SYN may not even have left. */
  private see({ segmentsIn }: DiagRecord): void {
    if (segmentsIn !== 0) this.hasSeen = true;
  }

  private finOf(record: DiagRecord, flags: FinalFlags, received: Counter = 0): PeerFin {
    // What was received already leaves no room for it.
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

  /** Whether this end accepted the connection, by what was known before, or by who listens. */
  private hasAccepted(record: DiagRecord, ends: SocketEnds): boolean {
    const cookie = record.cookieText;
    const known = this.accepted.get(cookie) ?? this.acceptedEarlier.get(cookie);
    if (known !== undefined) return known;
    if (this.resolver.isListening(ends)) return true;
    // Its listener may be younger than the last look.
    if (this.looks.take(performance.now())) this.lookForListeners();
    // Or gone already. Services are on low ports, and openers get theirs from the range above.
    return this.resolver.isListening(ends) || ends.localPort < ends.remotePort;
  }

  private lookForListeners(): void {
    for (const family of FAMILIES) {
      dumpSocketsNow(this.asker, { family, protocol: 'tcp', states: 1 << LISTEN }, (listener) => {
        this.resolver.addListener(listener);
      });
    }
  }

  /** With `SO_LINGER` 0 the kernel disconnects the socket before it ends, and clears what it counted, but not its clock. */
  private takeWiped(record: DiagRecord): void {
    if (!record.hasInfo || record.sentMillisecondsAgo > performance.now() - this.baseTime) return;
    const cookie = record.cookieText;
    // Where a dump has shown it, the next one misses it, and says that.
    if (this.accepted.has(cookie) || this.acceptedEarlier.has(cookie)) return;
    this.hasSeen = true;
    const ends = this.resolver.endsOf(record);
    if (!this.resolver.isWithinHost(ends)) this.accounting.destroyedUnknown();
  }
}
