import { counterFromBigint } from '../../../parsers/counter.js';
import type { EntryCounters } from '../../../src/engine/accounting/tracked-entry.js';

/** The number of tuples. The entry of each has a hash bucket of its own, in this order. */
export const TUPLES = 5;
export const FLOWS = 3;

/** Tuples share flows. */
export function flowOfTuple(tuple: number): number {
  return tuple % FLOWS;
}

/** The direction that goes towards this host: odd tuples are passive, and flows have tuples of both kinds. */
export function inboundOfTuple(tuple: number): 'original' | 'reply' {
  return tuple % 2 === 1 ? 'original' : 'reply';
}

/** The record of an entry in a dump and in its DESTROY event. */
export interface KernelRecord {
  identity: string;
  tuple: number;
  counters: EntryCounters | undefined;
  /** False once the connection is closed, as in TIME_WAIT: it carries nothing any more. */
  isOpen: boolean;
  /** The time at which the entry left the table, if that was before its event. */
  heldSince?: number;
}

interface KernelEntry {
  identity: string;
  tuple: number;
  bytes: { original: bigint; reply: bigint };
  packets: { original: bigint; reply: bigint };
  /** True if accounting was on when it was made. */
  isCounted: boolean;
  /** With `nf_conntrack_events=2`, entries older than the first listener have no events. */
  hasEvents: boolean;
  isOpen: boolean;
}

/** The true traffic of the flows since the listener subscribed. */
export interface Truth {
  inbound: bigint[];
  outbound: bigint[];
  packets: bigint[];
}

export interface KernelMode {
  /** `NETLINK_BROADCAST_ERROR`: events that the listener could not take are kept and sent again. */
  isReliable: boolean;
  /** `nf_conntrack_events`. */
  eventsMode: 1 | 2;
  /** True if no identity is ever used again, like those of sockets. Programs can then hold entries that have ended. */
  isOfSockets?: boolean;
  /** True if identities of entries that ended without an event are used again. */
  reusesUnseen: boolean;
}

/** A connection tracking table with one listener to its DESTROY events. */
export class SimulatedKernel {
  /** The listener's receive queue. */
  readonly queue: KernelRecord[] = [];
  /** The listener is to be told `ENOBUFS`. */
  hasOverrun = false;
  readonly truth: Truth = {
    inbound: Array<bigint>(FLOWS).fill(0n),
    outbound: Array<bigint>(FLOWS).fill(0n),
    packets: Array<bigint>(FLOWS).fill(0n),
  };
  private readonly table: (KernelEntry | undefined)[] = Array<undefined>(TUPLES).fill(undefined);
  private readonly isReliable: boolean;
  private readonly eventsMode: 1 | 2;
  private kept: KernelRecord[] = [];
  /** The queue is full, until the listener has emptied it. */
  private isCongested = false;
  private readonly spent = new Set<string>();
  private nextId = 100;
  private hasListener = false;
  /** Its DESTROY was sent, but it is not out of the table yet. */
  private dying: number | undefined;

  private readonly reusesUnseen: boolean;
  private readonly isOfSockets: boolean;
  private held: KernelRecord[] = [];
  /** The number of entries that have been held. */
  time = 0;

  constructor({ isReliable, eventsMode, reusesUnseen, isOfSockets = false }: KernelMode) {
    this.isOfSockets = isOfSockets;
    this.isReliable = isReliable;
    this.eventsMode = eventsMode;
    this.reusesUnseen = reusesUnseen;
  }

  get liveEntries(): number {
    return this.table.filter((entry) => entry !== undefined && entry.tuple !== this.dying).length;
  }

  /** The entries of a flow that are live, with counters and without. */
  live(flow: number, isCounted: boolean): number {
    const isOfFlow = (entry: KernelEntry | undefined): boolean =>
      entry?.isCounted === isCounted &&
      entry.isOpen &&
      entry.tuple !== this.dying &&
      flowOfTuple(entry.tuple) === flow;
    return this.table.filter(isOfFlow).length;
  }

  subscribe(): void {
    this.unlinkDying();
    this.hasListener = true;
    const { inbound, outbound, packets } = this.truth;
    for (const sums of [inbound, outbound, packets]) sums.fill(0n);
  }

  open(tuple: number, id: number, isCounted: boolean): void {
    this.unlinkDying();
    if (this.table[tuple] !== undefined) return;
    let identity = `${id}/${tuple}`;
    // An entry whose event is kept still has its memory.
    if (
      this.isOfSockets ||
      this.spent.has(identity) ||
      this.kept.some((record) => record.identity === identity)
    )
      identity = `${this.nextId++}/${tuple}`;
    this.table[tuple] = {
      identity,
      tuple,
      bytes: { original: 0n, reply: 0n },
      packets: { original: 0n, reply: 0n },
      isCounted,
      hasEvents: this.hasListener || this.eventsMode === 1,
      isOpen: true,
    };
  }

  send(tuple: number, direction: 'original' | 'reply', bytes: bigint): void {
    const entry = this.table[tuple];
    if (entry?.isOpen !== true || this.dying === tuple) return;
    entry.bytes[direction] += bytes;
    entry.packets[direction] += 1n;
    if (!entry.isCounted) return;
    const flow = flowOfTuple(tuple);
    const sums = direction === inboundOfTuple(tuple) ? this.truth.inbound : this.truth.outbound;
    sums[flow] = (sums[flow] ?? 0n) + bytes;
    this.truth.packets[flow] = (this.truth.packets[flow] ?? 0n) + 1n;
  }

  /** Closes the connection of an entry, which stays in the table. */
  close(tuple: number): void {
    const entry = this.table[tuple];
    if (entry !== undefined) entry.isOpen = false;
  }

  /** Ends an entry; one that `lingers` is in the table for a while after its event. */
  end(tuple: number, lingers: boolean): void {
    this.unlinkDying();
    const entry = this.table[tuple];
    if (entry === undefined) return;
    if (entry.hasEvents) this.report(recordOf(entry));
    // Reuse behind a silent end cannot be told from growth.
    else if (!this.reusesUnseen) this.spent.add(entry.identity);
    if (lingers && entry.hasEvents && !this.isCongested) this.dying = tuple;
    else this.table[tuple] = undefined;
  }

  /** An entry leaves the table, and its event comes when its program lets go of it. */
  hold(tuple: number): void {
    this.unlinkDying();
    const entry = this.table[tuple];
    if (entry === undefined) return;
    this.table[tuple] = undefined;
    this.held.push({ ...recordOf(entry), heldSince: this.time++ });
  }

  letGo(): void {
    for (const record of this.held.splice(0)) this.report(record);
  }

  private report(destroyed: KernelRecord): void {
    if (!this.isCongested) this.queue.push(destroyed);
    else if (this.isReliable) this.kept.push(destroyed);
  }

  flush(): void {
    for (let tuple = 0; tuple < TUPLES; tuple++) this.end(tuple, false);
  }

  unlinkDying(): void {
    if (this.dying !== undefined) this.table[this.dying] = undefined;
    this.dying = undefined;
  }

  /** The listener's queue is full. */
  congest(): void {
    if (this.isCongested) return;
    this.isCongested = true;
    this.hasOverrun = true;
  }

  /** The oldest event, as the listener reads it. */
  receive(): KernelRecord | undefined {
    const record = this.queue.shift();
    if (this.queue.length === 0) this.isCongested = false;
    return record;
  }

  /** Sends again what the listener could not take. */
  redeliver(): void {
    if (this.isCongested) return;
    this.queue.push(...this.kept);
    this.kept = [];
  }

  /** The entry that a dump reads in one bucket. */
  read(tuple: number): KernelRecord | undefined {
    const entry = this.table[tuple];
    return entry && recordOf(entry);
  }
}

function recordOf({ identity, tuple, bytes, packets, isCounted, isOpen }: KernelEntry): KernelRecord {
  const countersOf = (direction: 'original' | 'reply') => ({
    packets: counterFromBigint(packets[direction]),
    bytes: counterFromBigint(bytes[direction]),
  });
  const counters = isCounted ? { original: countersOf('original'), reply: countersOf('reply') } : undefined;
  return { identity, tuple, counters, isOpen };
}
