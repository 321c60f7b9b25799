import type { Counters } from '../../../parsers/conntrack/entry.js';
import { subtractCounters, type Counter } from '../../../parsers/counter.js';
import type { FlowAccount } from './flow-account.js';

/** The counters of one entry, or of one socket (its own side being `original`). */
export interface EntryCounters {
  readonly original: Readonly<Counters>;
  readonly reply: Readonly<Counters>;
}

/** An entry that a dump has shown, and its last known counters. */
export class TrackedEntry {
  readonly account: FlowAccount;
  private readonly inbound: keyof EntryCounters;
  /** The number of the dump that showed it last; for one that ended unseen, the round of its end (`LiveEntries`). */
  seen: number;
  /** True if it vanished before the base was complete: its traffic is older than the start, and nothing is lost. */
  isBeforeStart = false;
  // Flat, and copied: there may be a million, and the caller may reuse its records.
  private originalPackets: Counter = 0;
  private originalBytes: Counter = 0;
  private replyPackets: Counter = 0;
  replyBytes: Counter = 0;
  private readonly identityRecurs: boolean;
  /** The number of the last interval whose traffic it was part of. */
  private countedIn = -1;
  /** True while its connection is open: an entry can outlive it, in TIME_WAIT. */
  private isOpen = false;

  constructor(account: FlowAccount, inbound: keyof EntryCounters, seen: number, identityRecurs: boolean) {
    this.account = account;
    this.inbound = inbound;
    this.seen = seen;
    this.identityRecurs = identityRecurs;
  }

  /**
   * True if an entry with the same identity and these counters can be this one, later. No entry gains or loses its counters. Where
   * identities recur, a counter that falls is another's.
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

  /** Adds the growth of the counters to the flow, in the interval of this number. */
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

/** A counter of a socket that is read while it moves can be one too high: what was counted is not taken back. */
function growth(now: Counter, before: Counter): Counter {
  return now > before ? subtractCounters(now, before) : 0;
}

function larger(now: Counter, before: Counter): Counter {
  return now > before ? now : before;
}
