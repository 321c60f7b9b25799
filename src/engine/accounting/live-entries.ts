import type { EntryCounters, TrackedEntry } from './tracked-entry.js';

/**
 * The number of complete dumps for which a vanished entry is remembered. If such an entry counted as new, all its bytes would count
 * again. A DESTROY can come late: the kernel repeats events that a listener with `NETLINK_BROADCAST_ERROR` had no room for, and
 * sock_diag sends events from a work queue. A dump can also miss a live entry: procfs goes by position, so others slip past when
 * entries leave the table.
 */
const VANISHED_FOR_DUMPS = 3;

/** The most vanished entries that are remembered. It bounds memory while events are lost all the time. */
const VANISHED_MAX = 1 << 17;

/** The entries that dumps have shown: live ones, and for a while those that vanished (ended without an event). */
export class LiveEntries {
  private readonly live = new Map<string, TrackedEntry>();
  /** The vanished entries, the oldest first. */
  private readonly vanished = new Map<string, TrackedEntry>();
  private round = 0;
  /** The number of live entries that are older than the start. */
  olderCount = 0;
  private readonly identitiesRecur: boolean;

  constructor(identitiesRecur: boolean) {
    this.identitiesRecur = identitiesRecur;
  }

  /** The number of entries that count as live. */
  get size(): number {
    return this.live.size;
  }

  get(identity: string): TrackedEntry | undefined {
    return this.live.get(identity);
  }

  /** The live or vanished entry of this identity. */
  known(identity: string): TrackedEntry | undefined {
    return this.live.get(identity) ?? this.vanished.get(identity);
  }

  add(identity: string, entry: TrackedEntry): void {
    this.live.set(identity, entry);
    if (entry.isOlder) this.olderCount++;
    entry.account.entryBegins(true);
  }

  /** Ends an entry for good: no event of it can follow. */
  end(identity: string, entry: TrackedEntry): void {
    this.remove(identity, entry);
    entry.setOpen(false);
    entry.account.entryEnds();
    entry.account.released();
  }

  /** Notes that an entry seems to have ended without an event. */
  vanish(identity: string, entry: TrackedEntry): void {
    this.remove(identity, entry);
    entry.setOpen(false);
    entry.account.entryEnds();
    entry.seen = this.round;
    // Deleted first, so that it moves to the end, where the newest are.
    this.vanished.get(identity)?.account.released();
    this.vanished.delete(identity);
    this.vanished.set(identity, entry);
  }

  /** Makes a vanished entry live again. */
  revive(identity: string, entry: TrackedEntry): void {
    this.live.set(identity, entry);
    if (entry.isOlder) this.olderCount++;
    entry.account.entryBegins(false);
  }

  private remove(identity: string, entry: TrackedEntry): void {
    this.live.delete(identity);
    if (entry.isOlder) this.olderCount--;
  }

  /** Takes out the vanished entry of this identity, if these counters can be its later ones. */
  takeVanished(identity: string, counters: EntryCounters | undefined): TrackedEntry | undefined {
    if (this.vanished.size === 0) return undefined;
    const entry = this.vanished.get(identity);
    if (!entry?.canReach(counters)) return undefined;
    this.vanished.delete(identity);
    return entry;
  }

  /** The live entries that a complete dump has not shown. */
  *unseenIn(dump: number): Iterable<[string, TrackedEntry]> {
    for (const pair of this.live) if (pair[1].seen !== dump) yield pair;
  }

  /**
   * Forgets entries that vanished long ago. Nothing ages while events are lost, as late ones are likely then. Nothing ages either if
   * identities do not recur: a program may hold a dead socket for hours, and its event comes after that.
   */
  expire(areEventsLost: boolean): void {
    if (!areEventsLost && this.identitiesRecur) this.round++;
    for (const [identity, entry] of this.vanished) {
      if (this.round - entry.seen < VANISHED_FOR_DUMPS && this.vanished.size <= VANISHED_MAX) return;
      this.vanished.delete(identity);
      entry.account.released();
    }
  }
}
