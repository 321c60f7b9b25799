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
  /** The flow. Entries of one flow share this object until the flow is forgotten. */
  flow: FlowRef;
  /** The direction whose packets go towards the local end. */
  inbound: 'original' | 'reply';
}

export interface AccountingOptions<Entry> {
  /** Called once for each new entry. */
  resolve: (entry: Entry) => FlowOfEntry;
  /** Called when a flow was forgotten. A later flow with its key may be another object. */
  onForget?: (flow: FlowRef) => void;
  /** True if there are DESTROY events. Without them an entry has ended once a dump misses it. */
  hasEvents: boolean;
  /**
   * True, the default, if the kernel can use an identity again for a later entry. If it cannot, counters that fall are two readings
   * of the same entry. An entry that vanished and turns up again is then the same, as its end may be reported late.
   */
  identitiesRecur?: boolean;
  /** The time after which an unchanged flow without entries is forgotten; 60,000 by default. */
  forgetIdleMilliseconds?: number;
}

/** The rows that changed in an interval, and the losses since the start. */
export interface AccountedInterval {
  rows: FlowRow[];
  losses: Losses;
}

/**
 * Adds dumps and DESTROY events up to totals of each host flow, which never fall. A total is the bytes of ended entries, plus the
 * bytes of live ones, minus the bytes at the start.
 *
 * An identity is everything by which the kernel tells entries apart: the id, which can be reused, and the tuples. A record is of the
 * same entry as before if it has the same identity, no counter fell, and no DESTROY was seen. A counter that falls means another
 * entry. If another tool has zeroed the counters, they are counted in the same way.
 *
 * Dumps and events come from two sockets. Each keeps its order, but they overtake each other. So between {@link beginDump} and
 * {@link eventsProcessed}, a DESTROY can be older or younger than the record of its identity. The DESTROY of an entry that the dump
 * misses may still be waiting.
 *
 * Subscribe before the first dump. A round of the caller is: process the waiting events; `beginDump`; request the dump; `dumped` for
 * each record and `destroyed` for each event; `endDump`; process the events that are waiting by then; `eventsProcessed`. If
 * {@link needsDump} is true, another round can settle open cases.
 */
export class Accounting<Entry> {
  private readonly resolve: (entry: Entry) => FlowOfEntry;
  private readonly hasEvents: boolean;
  private readonly ledger: FlowLedger;
  private readonly identitiesRecur: boolean;
  private readonly entries: LiveEntries;
  private readonly losses: LossRecord;
  private readonly tombstones = new Tombstones();
  /** The number of the current or last dump. */
  private dump = 0;
  private dumpTime: number | undefined;
  private isDumpComplete = false;
  /** True from `beginDump` to `eventsProcessed`. The caller can take several dumps in between. */
  private isRoundOpen = false;
  private firstOpenDump = 0;
  /** Tells if events were lost since the last complete dump, and if that was before the current dump began. */
  private loss: 'none' | 'before dump' | 'since dump' = 'none';
  private isUndecided = false;
  /** The number of intervals that were closed. */
  private intervals = 0;
  private hasStarted = false;
  /** The time of the last complete round. Every entry that counts as live was seen then or later. */
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

  /** True once the base is known. From then on everything counts. */
  get isStarted(): boolean {
    return this.hasStarted;
  }

  /** True if something waits for a complete dump: the base, a resynchronisation, or records that could be of two entries. */
  get needsDump(): boolean {
    return !this.hasStarted || this.isUndecided || this.loss !== 'none';
  }

  /** The number of entries that count as live. */
  get trackedEntries(): number {
    return this.entries.size;
  }

  /** True if an entry is live that is older than the start. */
  get hasOlderEntries(): boolean {
    return this.entries.olderCount > 0;
  }

  /** The number of flows that are held. */
  get trackedFlows(): number {
    return this.ledger.size;
  }

  /** True if a dump has shown this entry and it counts as live. */
  isTracked(identity: string): boolean {
    return this.entries.get(identity) !== undefined;
  }

  /** The last known counters of an entry that a dump has shown. */
  known(identity: string): { replyBytes: Counter } | undefined {
    return this.entries.known(identity);
  }

  /** To be called before a dump is requested. @param time by the caller's clock; it returns in {@link Losses.since} */
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

  /** Takes a record of the dump. Repeated ones do no harm. @param isOpen false if its connection is closed (TIME_WAIT) */
  dumped(identity: string, entry: Entry, counters: EntryCounters | undefined, isOpen = true): void {
    if (this.tombstones.has(identity)) {
      // The record is of the destroyed entry, or of the next one with its identity.
      this.isUndecided = true;
      return;
    }
    let tracked = this.entries.get(identity);
    if (tracked !== undefined && !tracked.canReach(counters)) {
      if (this.hasEvents) {
        // The DESTROY of the entry before may still be waiting. The next dump, or a DESTROY, has the bytes of this record too.
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

  /** Ends the dump. @param complete true if the dump has every entry that existed all the time */
  endDump({ complete }: { complete: boolean }): void {
    this.isDumpComplete = complete;
    this.tombstones.endDump();
    if (!this.hasEvents) this.eventsProcessed();
  }

  /** To be called when the events that waited at the end of the dump are processed. Entries that the dump misses have ended. */
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

  /** Takes a DESTROY event. */
  destroyed(identity: string, entry: Entry, counters: EntryCounters | undefined): void {
    const tracked = this.entries.get(identity);
    const isTracked = tracked?.canReach(counters) ?? false;
    const late = this.entries.takeVanished(identity, counters);
    // In an open round the dump may have overtaken the event. It then shows the next entry with the identity, which lives on.
    const isSurvivor =
      tracked !== undefined && (isTracked ? late !== undefined : this.isShownInRound(tracked));
    if (!isSurvivor) this.tombstones.add(identity);
    if (late !== undefined) {
      this.endLate(late, counters, isTracked);
    } else if (tracked !== undefined && isTracked) {
      // Before the start the event may be of an entry before the dumped one, whose bytes are no part of the account.
      if (counters !== undefined && this.hasStarted) tracked.count(counters, this.intervals);
      this.entries.end(identity, tracked);
    } else {
      if (tracked !== undefined && !isSurvivor) this.endUnseen(identity, tracked);
      if (this.hasStarted) this.countWhole(entry, counters);
    }
  }

  /** Adds traffic that an ended entry turns out to have carried. */
  amend({ flow, inbound }: FlowOfEntry, more: EntryCounters): void {
    const account = this.ledger.account(flow, true);
    const [towards, away] =
      inbound === 'original' ? [more.original, more.reply] : [more.reply, more.original];
    account.addInbound(towards.packets, towards.bytes);
    account.addOutbound(away.packets, away.bytes);
  }

  /** Notes the end of an entry that no dump has shown, and whose flow and bytes are unknown. */
  destroyedUnknown(): void {
    if (this.hasStarted) this.losses.entryEndedUnseen(this.lastRoundTime);
  }

  /** Notes that events were lost (`ENOBUFS`). The next dump recovers what it can. */
  eventsLost(): void {
    this.loss = 'since dump';
    // Before the start nothing is lost, as the base is taken anew.
    if (this.hasStarted) this.losses.eventsLost(this.lastRoundTime);
  }

  /** Closes an interval. @param time of a monotonic clock, in milliseconds; it decides which idle flows are forgotten */
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

  /** Takes a late DESTROY of a vanished entry. @param isAmbiguous true if it can also be of the next entry with its identity */
  private endLate(late: TrackedEntry, counters: EntryCounters | undefined, isAmbiguous: boolean): void {
    late.account.released();
    // The loss stands, as counting it for the wrong entry would count bytes twice.
    if (isAmbiguous || !this.hasStarted) return;
    this.entryTurnedUp(late);
    if (counters !== undefined && !late.isBeforeStart) late.count(counters, this.intervals);
  }

  private track(identity: string, entry: Entry, counters: EntryCounters | undefined): TrackedEntry {
    const { flow, inbound } = this.resolve(entry);
    const account = this.ledger.account(flow, counters !== undefined);
    const tracked = new TrackedEntry(account, inbound, this.dump, this.identitiesRecur);
    tracked.isOlder = !this.hasStarted;
    this.entries.add(identity, tracked);
    if (counters === undefined) this.losses.unknownConnection();
    return tracked;
  }

  /** The vanished entry of this identity, which is live after all. */
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
    // If an entry vanished before the start, this one may be another, whose first bytes are then missing.
    if (!this.hasStarted) return;
    if (tracked.isLoss) this.losses.entryTurnedUp();
    else if (tracked.isBeforeStart && this.identitiesRecur) this.losses.entryEndedUnseen(this.lastRoundTime);
  }

  private endUnseen(identity: string, tracked: TrackedEntry): void {
    // Nothing flows any more once a connection is closed, so its last counters are known.
    tracked.isLoss = this.hasStarted && tracked.isOpen;
    this.entries.vanish(identity, tracked);
    tracked.isBeforeStart = !this.hasStarted;
    if (tracked.isLoss) this.losses.entryEndedUnseen(this.lastRoundTime);
  }
}
