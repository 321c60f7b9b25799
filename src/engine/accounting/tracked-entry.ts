import type { Counters } from '../../../parsers/conntrack/entry.js';
import { subtractCounters, type Counter } from '../../../parsers/counter.js';
import type { FlowAccount } from './flow-account.js';

/** The counters of one entry, or of one socket. `original` is then what the socket sent. */
export interface EntryCounters {
  readonly original: Readonly<Counters>;
  readonly reply: Readonly<Counters>;
}

/** An entry that a dump has shown, and its last known counters. */
export class TrackedEntry {
  readonly account: FlowAccount;
  private readonly inbound: keyof EntryCounters;
  /** The number of the last dump that showed it; for a vanished entry, the round in which it vanished (`LiveEntries`). */
  seen: number;
  /** True if it vanished before the base was complete. Its traffic is then older than the start, and nothing is lost. */
  isBeforeStart = false;
  /** True if it is older than the start. With `nf_conntrack_events=2` the kernel reports no end of it. */
  isOlder = false;
  /** True if it vanished while its connection was open, so that its last bytes may be missing. */
  isLoss = false;
  // Flat, as there may be a million entries. Copied, as the caller may reuse its records.
  private originalPackets: Counter = 0;
  private originalBytes: Counter = 0;
  private replyPackets: Counter = 0;
  replyBytes: Counter = 0;
  private readonly identityRecurs: boolean;
  /** The number of the last interval in which its traffic counted. */
  private countedIn = -1;
  /** True while its connection is open. An entry can outlive its connection, in TIME_WAIT. */
  isOpen = false;

  constructor(account: FlowAccount, inbound: keyof EntryCounters, seen: number, identityRecurs: boolean) {
    this.account = account;
    this.inbound = inbound;
    this.seen = seen;
    this.identityRecurs = identityRecurs;
  }

  /**
   * True if a later record with the same identity and these counters can be of this entry. No entry gains or loses its counters. If
   * identities recur, a counter that fell is another entry's.
   */
  canReach(counters: EntryCounters | undefined): boolean {
    if (counters === undefined || !this.account.isKnown)
      return counters === undefined && !this.account.isKnown;
    if (!this.identityRecurs) return true;
    const { original, reply } = counters;
    return (
      original.bytes >= this.originalBytes &&
      reply.bytes >= this.replyBytes &&
      original.packets >= this.originalPackets &&
      reply.packets >= this.replyPackets
    );
  }

  /** Adds the growth of the counters to the flow. @param interval the number of the open interval */
  count({ original, reply }: EntryCounters, interval: number): void {
    const { account } = this;
    const sent = growth(original.bytes, this.originalBytes);
    const sentPackets = growth(original.packets, this.originalPackets);
    const received = growth(reply.bytes, this.replyBytes);
    const receivedPackets = growth(reply.packets, this.replyPackets);
    if (sent === 0 && received === 0 && sentPackets === 0 && receivedPackets === 0) return;
    if (this.countedIn !== interval) account.addConnection();
    this.countedIn = interval;
    if (this.inbound === 'original') {
      account.addInbound(sentPackets, sent);
      account.addOutbound(receivedPackets, received);
    } else {
      account.addInbound(receivedPackets, received);
      account.addOutbound(sentPackets, sent);
    }
  }

  /** Notes that the connection is open, or closed. */
  setOpen(isOpen: boolean): void {
    if (this.isOpen === isOpen) return;
    this.isOpen = isOpen;
    this.account.connectionIs(isOpen);
  }

  /** Remembers the counters as the last known ones. */
  remember({ original, reply }: EntryCounters): void {
    this.originalPackets = larger(original.packets, this.originalPackets);
    this.originalBytes = larger(original.bytes, this.originalBytes);
    this.replyPackets = larger(reply.packets, this.replyPackets);
    this.replyBytes = larger(reply.bytes, this.replyBytes);
  }
}

/** The growth of a counter, never negative: a socket's counter that is read while it moves can be one too high. */
function growth(now: Counter, before: Counter): Counter {
  return now > before ? subtractCounters(now, before) : 0;
}

function larger(now: Counter, before: Counter): Counter {
  return now > before ? now : before;
}
