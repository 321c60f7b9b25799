import type { EntryCounters, TrackedEntry } from './tracked-entry.js';

/**
 * For how many complete dumps an entry that ended unseen is remembered. A DESTROY can come late: the kernel sends again what a
 * listener with `NETLINK_BROADCAST_ERROR` could not take, and sock_diag sends from a work queue. And a dump can miss a live
 * entry: procfs goes by position, so entries that leave the table while it is read make others slip past. To take such an
 * entry for a new one would count all its bytes again.
 */
const VANISHED_FOR_DUMPS = 3;

/** Bounds what is remembered while events keep being lost. */
const VANISHED_MAX = 1 << 17;

/** The entries that dumps have shown: the live ones, and for a while those that ended unseen. */
export class LiveEntries {
  private readonly live = new Map<string, TrackedEntry>();
  /** Oldest first. */
  private readonly vanished = new Map<string, TrackedEntry>();
  private round = 0;
  private readonly identitiesRecur: boolean;

  constructor(identitiesRecur: boolean) {
    this.identitiesRecur = identitiesRecur;
  }

  /** How many entries pass for live. */
  get size(): number {
    return this.live.size;
  }

  get(identity: string): TrackedEntry | undefined {
    return this.live.get(identity);
  }

  /** The entry of this identity that is live, or is remembered. */
  known(identity: string): TrackedEntry | undefined {
    return this.live.get(identity) ?? this.vanished.get(identity);
  }

  add(identity: string, entry: TrackedEntry): void {
    this.live.set(identity, entry);
    entry.account.entryBegins(true);
  }

  /** The entry has ended, and nothing more can be heard of it. */
  end(identity: string, entry: TrackedEntry): void {
    this.live.delete(identity);
    entry.setOpen(false);
    entry.account.entryEnds();
    entry.account.released();
  }

  /** The entry has ended unseen, or so it seems. */
  vanish(identity: string, entry: TrackedEntry): void {
    this.live.delete(identity);
    entry.setOpen(false);
    entry.account.entryEnds();
    entry.seen = this.round;
    // Deleted first, so that it goes to the end, where the youngest are.
    this.vanished.get(identity)?.account.released();
    this.vanished.delete(identity);
    this.vanished.set(identity, entry);
  }

  /** The entry that passes for ended is live. */
  revive(identity: string, entry: TrackedEntry): void {
    this.live.set(identity, entry);
    entry.account.entryBegins(false);
  }

  /** Takes out the entry that vanished under this identity, if one with these counters can be the same. */
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
   * Forgets what vanished long ago. While events are lost, late ones are likely: then nothing ages. Nor does it where nobody
   * else can have the identity: a program may hold a dead socket for hours, and its event comes after that.
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
