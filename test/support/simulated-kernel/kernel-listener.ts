import assert from 'node:assert/strict';
import { Accounting, type AccountingInterval } from '../../../src/engine/accounting/accounting.js';
import type { FlowInterval } from '../../../src/engine/accounting/flow-account.js';
import {
  FLOWS,
  flowOfTuple,
  inboundOfTuple,
  TUPLES,
  type KernelRecord,
  type SimulatedKernel,
} from './simulated-kernel.js';

/** Feeds the engine from a simulated kernel: dumps that take time, and events whenever it comes to them. */
export class Listener {
  readonly accounting: Accounting<KernelRecord, number>;
  resolved = 0;
  private readonly kernel: SimulatedKernel;
  private readonly hasEvents: boolean;
  /** The dump in progress: the next bucket to be read, and what was read but not processed. */
  private dump: { bucket: number; records: KernelRecord[] } | undefined;
  /** Events that were in the queue when the last dump ended; undefined once they are settled. */
  private waiting: number | undefined;
  private time = 0;
  private roundsBehind = 0;
  private before: AccountingInterval<number> | undefined;
  /** Deltas must add up to the totals. */
  private readonly summed = new Map<string, bigint>();

  /** When the dump ended that became the base. */
  private baseTime = 0;

  constructor(kernel: SimulatedKernel, hasEvents: boolean, identitiesRecur = true) {
    this.kernel = kernel;
    this.hasEvents = hasEvents;
    this.accounting = new Accounting({
      hasEvents,
      identitiesRecur,
      resolve: ({ tuple }) => {
        this.resolved++;
        const flow = flowOfTuple(tuple);
        return { key: String(flow), flow, inbound: inboundOfTuple(tuple) };
      },
    });
    kernel.subscribe();
  }

  /** Processes up to `count` events. */
  processEvents(count: number): void {
    if (!this.hasEvents) return;
    for (let i = 0; i < count; i++) {
      // An error of a netlink socket comes before what is queued.
      if (this.kernel.hasOverrun) this.accounting.eventsLost();
      this.kernel.hasOverrun = false;
      const event = this.kernel.receive();
      if (event === undefined) return;
      if (this.waiting !== undefined && this.waiting > 0) this.waiting--;
      // What no dump has shown, and was dead before the base, is none of ours.
      const isOlder = event.heldSince !== undefined && event.heldSince < this.baseTime;
      if (isOlder && this.accounting.known(event.identity) === undefined) continue;
      this.accounting.destroyed(event.identity, event, event.counters);
    }
  }

  /** Lets the kernel read buckets of a dump; begins one if there is none. */
  readBuckets(count: number): void {
    if (this.dump === undefined) {
      this.accounting.beginDump(++this.time);
      this.dump = { bucket: 0, records: [] };
      this.waiting = undefined;
    }
    for (let i = 0; i < count && this.dump.bucket < TUPLES; i++) {
      const record = this.kernel.read(this.dump.bucket++);
      if (record !== undefined) this.dump.records.push(record);
    }
  }

  /** The kernel loses its place, and reads the last bucket again. */
  rereadBucket(): void {
    if (this.dump !== undefined && this.dump.bucket > 0) this.dump.bucket--;
  }

  /** Processes up to `count` records, and the end of the dump if it has come. */
  processRecords(count: number): void {
    if (this.dump === undefined) return;
    for (const record of this.dump.records.splice(0, count))
      this.accounting.dumped(record.identity, record, record.counters);
    if (this.dump.bucket === TUPLES && this.dump.records.length === 0) this.endDump(true);
  }

  /** The dump breaks off. */
  interruptDump(): void {
    if (this.dump !== undefined) this.endDump(false);
  }

  private endDump(complete: boolean): void {
    this.dump = undefined;
    this.kernel.unlinkDying();
    this.accounting.endDump({ complete });
    if (!this.accounting.isStarted) this.baseTime = this.kernel.time;
    this.waiting = this.kernel.queue.length;
  }

  /** Processes the events that were waiting at the end of the dump. */
  settle(): void {
    if (this.waiting === undefined || this.dump !== undefined) return;
    // Events that were kept come soon after the queue has been emptied.
    if (!this.accounting.isStarted || ++this.roundsBehind > 2) {
      this.processEvents(this.kernel.queue.length + 1);
      this.kernel.redeliver();
      this.waiting = this.kernel.queue.length;
      this.roundsBehind = 0;
    }
    this.processEvents(this.waiting);
    // An overrun shows even if nothing is queued.
    if (this.kernel.hasOverrun) this.processEvents(1);
    this.waiting = undefined;
    this.accounting.eventsProcessed();
  }

  /** A whole round at once. */
  round(): void {
    this.processRecords(TUPLES * 2);
    this.interruptDump();
    this.processEvents(this.kernel.queue.length + 1);
    this.readBuckets(TUPLES);
    this.processRecords(TUPLES);
    this.settle();
  }

  /** Rounds until nothing is undecided. */
  finish(): AccountingInterval<number> {
    this.kernel.unlinkDying();
    this.kernel.letGo();
    this.processEvents(this.kernel.queue.length + 1);
    this.kernel.redeliver();
    this.round();
    for (let i = 0; i < 4 && this.accounting.needsDump; i++) this.round();
    assert.ok(!this.accounting.needsDump, 'it never comes to an end');
    return this.interval();
  }

  /** Closes an interval, and checks what holds for any. */
  interval(): AccountingInterval<number> {
    const interval = this.accounting.interval();
    for (const flow of interval.flows) {
      const name = `${flow.flow} ${flow.total === null}`;
      const before = this.before?.flows.find((other) => `${other.flow} ${other.total === null}` === name);
      for (const [i, total] of numbersOf(flow, 'total').entries()) {
        const delta = numbersOf(flow, 'delta')[i] ?? 0n;
        assert.ok(delta >= 0n, 'a total falls');
        assert.equal(total - ((before && numbersOf(before, 'total')[i]) ?? 0n), delta);
        const sum = (this.summed.get(`${name} ${i}`) ?? 0n) + delta;
        this.summed.set(`${name} ${i}`, sum);
        assert.equal(sum, total);
      }
    }
    this.before = interval;
    return interval;
  }
}

/** Inbound bytes, outbound bytes, packets. */
export function numbersOf(
  flow: FlowInterval<number> | undefined,
  which: 'total' | 'delta',
): [bigint, bigint, bigint] {
  const traffic = flow?.[which];
  if (!traffic) return [0n, 0n, 0n];
  const { inbound, outbound } = traffic;
  return [BigInt(inbound.bytes), BigInt(outbound.bytes), BigInt(inbound.packets) + BigInt(outbound.packets)];
}

/** The totals by flow: bytes, packets, entries with counters and without. */
export function countedOf({ flows }: AccountingInterval<number>): Counted[] {
  return Array.from({ length: FLOWS }, (_, number) => {
    const known = flows.find(({ flow, total }) => flow === number && total !== null);
    const unknown = flows.find(({ flow, total }) => flow === number && total === null);
    const [inbound, outbound, packets] = numbersOf(known, 'total');
    return {
      inbound,
      outbound,
      packets,
      known: (known?.live ?? 0) + (known?.ended ?? 0),
      unknown: (unknown?.live ?? 0) + (unknown?.ended ?? 0),
    };
  });
}

export interface Counted {
  inbound: bigint;
  outbound: bigint;
  packets: bigint;
  known: number;
  unknown: number;
}
