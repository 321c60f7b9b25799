import type { Counter } from '../../../parsers/counter.js';
import type { FlowRow } from '../../model/flow-row.js';
import type { Losses } from '../../model/losses.js';
import type { FlowRef } from './flow-account.js';
import { FORGET_IDLE_MILLISECONDS, FlowLedger } from './flow-ledger.js';
import { LiveEntries } from './live-entries.js';
import { LossRecord } from './loss-record.js';
import { Tombstones } from './tombstones.js';
import { TrackedEntry, type EntryCounters } from './tracked-entry.js';

/** The flow of an entry. */
export interface FlowOfEntry {
  /** Entries of one flow have the same object, for as long as the flow is not forgotten. */
  flow: FlowRef;
  /** The direction whose packets come towards the local end. */
  inbound: 'original' | 'reply';
}

export interface AccountingOptions<Entry> {
  /** Called once for each new entry, when it is first heard of. */
  resolve: (entry: Entry) => FlowOfEntry;
  /** Called for a flow that was forgotten: the next one of its key may be another object. */
  onForget?: (flow: FlowRef) => void;
  /** True if there are DESTROY events. Without them totals come from dump to dump. */
  hasEvents: boolean;
  /**
   * True, the default, if two entries can have the same identity, one after the other. If they cannot, counters that fall are
   * two readings of the same entry, and one that vanished is the same whenever it turns up: its end may be reported late.
   */
  identitiesRecur?: boolean;
  /** A flow without entries is forgotten after this time without a change; 60,000 by default. */
  forgetIdleMilliseconds?: number;
}

/** The rows that changed in an interval, and the losses since the start. */
export interface AccountedInterval {
  rows: FlowRow[];
  losses: Losses;
}

/**
 * Adds dumps and DESTROY events up to totals per host flow that never fall:
 * what ended entries carried, plus what live ones have, less what was there at the start.
 *
 * An identity is all that the kernel tells entries apart by: its id, which can be reused, and its tuples. An entry with a known
 * identity, whose counters did not fall, and of which no DESTROY was seen, is the same entry. A counter that falls is another
 * entry, or one that another tool has zeroed, which comes to the same.
 *
 * Dumps and events come from two sockets and overtake each other, but each keeps its order. So between {@link beginDump} and
 * {@link eventsProcessed}, a DESTROY can be older or younger than the record of its identity, and an entry absent from the
 * dump may have its DESTROY waiting.
 *
 * Subscribe before the first dump. The caller's round is: process the waiting events; `beginDump`; request the dump;
 * `dumped` for each record, `destroyed` as events come; `endDump`; process the events that are waiting by then;
 * `eventsProcessed`. While {@link needsDump}, another round has something to decide.
 */
export class Accounting<Entry> {
  private readonly resolve: (entry: Entry) => FlowOfEntry;
  private readonly hasEvents: boolean;
  private readonly ledger: FlowLedger;
  private readonly identitiesRecur: boolean;
  private readonly entries: LiveEntries;
  private readonly losses: LossRecord;
  private readonly tombstones = new Tombstones();
  /** The number of the dump that is in progress, or was the last. */
  private dump = 0;
  private dumpTime: number | undefined;
  private isDumpComplete = false;
  /** From `beginDump` to `eventsProcessed`, which is more than one dump if the caller leaves one unsettled. */
  private isRoundOpen = false;
  private firstOpenDump = 0;
  /** Whether events were lost that no complete dump has made up for, and whether before the current dump began. */
  private loss: 'none' | 'before dump' | 'since dump' = 'none';
  private isUndecided = false;
  /** The number of intervals that were closed. */
  private intervals = 0;
  private hasStarted = false;
  /** The time of the last complete round: every entry that passes for live was seen then or later. */
  private lastRoundTime: number | undefined;

  constructor({
    resolve,
    hasEvents,
    identitiesRecur = true,
    onForget = () => undefined,
    forgetIdleMilliseconds = FORGET_IDLE_MILLISECONDS,
  }: AccountingOptions<Entry>) {
    this.resolve = resolve;
    this.hasEvents = hasEvents;
    this.identitiesRecur = identitiesRecur;
    this.entries = new LiveEntries(identitiesRecur);
    this.ledger = new FlowLedger(onForget, forgetIdleMilliseconds);
    this.losses = new LossRecord(!hasEvents);
  }

  /** Whether the base is known: from here on, everything counts. */
  get isStarted(): boolean {
    return this.hasStarted;
  }

  /** Whether something waits for a complete dump: the base, a resynchronisation, or records that could not be told apart. */
  get needsDump(): boolean {
    return !this.hasStarted || this.isUndecided || this.loss !== 'none';
  }

  /** The number of entries that pass for live. */
  get trackedEntries(): number {
    return this.entries.size;
  }

  /** The number of flows that are held. */
  get trackedFlows(): number {
    return this.ledger.size;
  }

  /** True if a dump has shown this entry, and it passes for live. */
  isTracked(identity: string): boolean {
    return this.entries.get(identity) !== undefined;
  }

  /** The last known counters of an entry that a dump has shown. */
  known(identity: string): { replyBytes: Counter } | undefined {
    return this.entries.known(identity);
  }

  /** A dump is about to be requested. `time` is the caller's clock; it comes back in {@link Losses.since}. */
  beginDump(time: number): void {
    this.dump++;
    this.dumpTime = time;
    this.isDumpComplete = false;
    if (!this.isRoundOpen) this.firstOpenDump = this.dump;
    this.isRoundOpen = true;
    this.isUndecided = false;
    if (this.loss === 'since dump') this.loss = 'before dump';
    this.tombstones.beginDump();
  }

  /** A record of the dump. Repeated ones do no harm. @param isOpen false if its connection is closed (TIME_WAIT) */
  dumped(identity: string, entry: Entry, counters: EntryCounters | undefined, isOpen = true): void {
    if (this.tombstones.has(identity)) {
      // The entry that was destroyed, or already the next one under its identity.
      this.isUndecided = true;
      return;
    }
    let tracked = this.entries.get(identity);
    if (tracked !== undefined && !tracked.canReach(counters)) {
      if (this.hasEvents) {
        // The DESTROY of the entry before may still be waiting; this record's bytes are in the next dump, or DESTROY, too.
        this.isUndecided = true;
        return;
      }
      this.endUnseen(identity, tracked);
      tracked = undefined;
    }
    tracked ??= this.turnUp(identity, counters) ?? this.track(identity, entry, counters);
    tracked.seen = this.dump;
    tracked.setOpen(isOpen);
    if (counters === undefined) return;
    if (this.hasStarted) tracked.count(counters, this.intervals);
    tracked.remember(counters);
  }

  /** The dump is at its end; `complete` if every entry that was there all the time is in it. */
  endDump({ complete }: { complete: boolean }): void {
    this.isDumpComplete = complete;
    this.tombstones.endDump();
    if (!this.hasEvents) this.eventsProcessed();
  }

  /** The events that were waiting at the end of the dump are processed: what the dump has not shown has ended. */
  eventsProcessed(): void {
    if (!this.isRoundOpen || this.tombstones.isDumping) return;
    this.isRoundOpen = false;
    if (!this.isDumpComplete) return;
    for (const [identity, tracked] of this.entries.unseenIn(this.dump)) this.endUnseen(identity, tracked);
    this.entries.expire(this.loss !== 'none');
    this.lastRoundTime = this.dumpTime;
    if (this.loss === 'since dump') return;
    if (this.loss === 'before dump' && this.hasStarted) this.losses.resynchronised();
    this.loss = 'none';
    this.hasStarted = true;
  }

  /** A DESTROY event. */
  destroyed(identity: string, entry: Entry, counters: EntryCounters | undefined): void {
    const tracked = this.entries.get(identity);
    const isTracked = tracked?.canReach(counters) ?? false;
    const late = this.entries.takeVanished(identity, counters);
    // In an open round the dump may have overtaken the event and shown the next entry under the identity, which lives on.
    const isSurvivor =
      tracked !== undefined && (isTracked ? late !== undefined : this.isShownInRound(tracked));
    if (!isSurvivor) this.tombstones.add(identity);
    if (late !== undefined) {
      this.endLate(late, counters, isTracked);
    } else if (tracked !== undefined && isTracked) {
      // Before the start it may be the one before the entry that was dumped, and as old as the host.
      if (counters !== undefined && this.hasStarted) tracked.count(counters, this.intervals);
      this.entries.end(identity, tracked);
    } else {
      if (tracked !== undefined && !isSurvivor) this.endUnseen(identity, tracked);
      if (this.hasStarted) this.countWhole(entry, counters);
    }
  }

  /** What an ended entry carried turns out to be more, by this. */
  amend({ flow, inbound }: FlowOfEntry, more: EntryCounters): void {
    const account = this.ledger.account(flow, true);
    const [towards, away] =
      inbound === 'original' ? [more.original, more.reply] : [more.reply, more.original];
    account.addInbound(towards.packets, towards.bytes);
    account.addOutbound(away.packets, away.bytes);
  }

  /** An entry that no dump has shown has ended, and nobody knows what it was or carried. */
  destroyedUnknown(): void {
    if (this.hasStarted) this.losses.entryEndedUnseen(this.lastRoundTime);
  }

  /** Events were lost (`ENOBUFS`). The next dump makes up for it, as far as it can. */
  eventsLost(): void {
    this.loss = 'since dump';
    // Before the start nothing is lost: the base is taken anew.
    if (this.hasStarted) this.losses.eventsLost(this.lastRoundTime);
  }

  /** Closes an interval. @param time of a clock that never goes back, in milliseconds: idle flows are forgotten by it */
  interval(time: number): AccountedInterval {
    this.intervals++;
    return { rows: this.ledger.interval(time), losses: this.losses.snapshot() };
  }

  /** Counts an ended entry that no dump has shown. */
  private countWhole(entry: Entry, counters: EntryCounters | undefined): void {
    const { flow, inbound } = this.resolve(entry);
    const account = this.ledger.account(flow, counters !== undefined);
    account.entryBegins(true);
    account.entryEnds();
    account.released();
    if (counters === undefined) this.losses.unknownConnection();
    else new TrackedEntry(account, inbound, 0, true).count(counters, this.intervals);
  }

  /** The DESTROY of an entry that passed for ended; or of the next under its identity, if that is tracked and can be meant. */
  private endLate(late: TrackedEntry, counters: EntryCounters | undefined, isAmbiguous: boolean): void {
    late.account.released();
    // Counting it for the wrong one would count bytes twice: the loss stands.
    if (isAmbiguous || !this.hasStarted) return;
    this.entryTurnedUp(late);
    if (counters !== undefined && !late.isBeforeStart) late.count(counters, this.intervals);
  }

  private track(identity: string, entry: Entry, counters: EntryCounters | undefined): TrackedEntry {
    const { flow, inbound } = this.resolve(entry);
    const account = this.ledger.account(flow, counters !== undefined);
    const tracked = new TrackedEntry(account, inbound, this.dump, this.identitiesRecur);
    this.entries.add(identity, tracked);
    if (counters === undefined) this.losses.unknownConnection();
    return tracked;
  }

  /** The entry of this identity, if it passed for ended. */
  private turnUp(identity: string, counters: EntryCounters | undefined): TrackedEntry | undefined {
    const tracked = this.entries.takeVanished(identity, counters);
    if (tracked === undefined) return undefined;
    this.entryTurnedUp(tracked);
    tracked.isBeforeStart = false;
    this.entries.revive(identity, tracked);
    return tracked;
  }

  private isShownInRound(tracked: TrackedEntry): boolean {
    return this.isRoundOpen && tracked.seen >= this.firstOpenDump;
  }

  private entryTurnedUp(tracked: TrackedEntry): void {
    // One that seemed to have ended before the start may also be another, whose first bytes then are missing.
    if (!this.hasStarted) return;
    if (!tracked.isBeforeStart) this.losses.entryTurnedUp();
    else if (this.identitiesRecur) this.losses.entryEndedUnseen(this.lastRoundTime);
  }

  private endUnseen(identity: string, tracked: TrackedEntry): void {
    this.entries.vanish(identity, tracked);
    tracked.isBeforeStart = !this.hasStarted;
    if (this.hasStarted) this.losses.entryEndedUnseen(this.lastRoundTime);
  }
}
