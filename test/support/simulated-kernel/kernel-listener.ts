import assert from 'node:assert/strict';
import { Accounting, type AccountedInterval } from '../../../src/engine/accounting/accounting.js';
import type { FlowRow } from '../../../src/model/flow-row.js';
import { FlowNames } from './flow-names.js';
import {
  FLOWS,
  flowOfTuple,
  inboundOfTuple,
  TUPLES,
  type KernelRecord,
  type SimulatedKernel,
} from './simulated-kernel.js';

/** Flows are forgotten after so many intervals without a change. */
const FORGET_IDLE = 2;

/** Feeds the engine from a simulated kernel: dumps that take time, and events whenever it comes to them. */
export class Listener {
  readonly accounting: Accounting<KernelRecord>;
  resolved = 0;
  private readonly kernel: SimulatedKernel;
  private readonly hasEvents: boolean;
  /** The dump in progress: the next bucket to be read, and what was read but not processed. */
  private dump: { bucket: number; records: KernelRecord[] } | undefined;
  /** Events that were in the queue when the last dump ended; undefined once they are settled. */
  private waiting: number | undefined;
  private time = 0;
  private roundsBehind = 0;
  private readonly flows = new FlowNames();
  /** A clock for idle flows: it goes on by one an interval. */
  private clock = 0;
  /** The last row of each flow, with counters and without, and the time of its interval. */
  private readonly last = new Map<string, { row: FlowRow; time: number }>();
  private readonly counted: Counted[] = Array.from({ length: FLOWS }, () => ({
    inbound: 0n,
    outbound: 0n,
    packets: 0n,
    known: 0,
    unknown: 0,
  }));

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
        return { flow: this.flows.of(String(flowOfTuple(tuple))), inbound: inboundOfTuple(tuple) };
      },
      onForget: (flow) => {
        this.flows.release(flow);
      },
      forgetIdleMilliseconds: FORGET_IDLE,
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
      // Entries that no dump has shown and that were dead before the base do not count.
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
      this.accounting.dumped(record.identity, record, record.counters, record.isOpen);
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
  finish(): AccountedInterval {
    this.kernel.unlinkDying();
    this.kernel.letGo();
    this.processEvents(this.kernel.queue.length + 1);
    this.kernel.redeliver();
    this.round();
    for (let i = 0; i < 4 && this.accounting.needsDump; i++) this.round();
    assert.ok(!this.accounting.needsDump, 'it never comes to an end');
    return this.interval();
  }

  /** Closes an interval, and checks the facts that hold for any. */
  interval(): AccountedInterval {
    const interval = this.accounting.interval(++this.clock);
    const names = new Set<string>();
    for (const row of interval.rows) {
      const name = `${row.key.protocol} ${row.total === null}`;
      assert.ok(!names.has(name), 'a flow has two rows');
      names.add(name);
      this.checkRow(name, row);
      this.last.set(name, { row, time: this.clock });
      this.count(row);
    }
    assert.ok(this.accounting.trackedFlows <= 2 * FLOWS);
    return interval;
  }

  /** The sums of all deltas, and the connections that are open as of the last rows. */
  get sums(): Counted[] {
    return this.counted.map((sum, flow) => ({
      ...sum,
      known: this.last.get(`${flow} false`)?.row.live ?? 0,
      unknown: this.last.get(`${flow} true`)?.row.live ?? 0,
    }));
  }

  private checkRow(name: string, row: FlowRow): void {
    const before = this.last.get(name);
    const [totals, deltas] = [numbersOf(row, 'total'), numbersOf(row, 'delta')];
    const carried = deltas.some((delta) => delta > 0n);
    assert.ok(
      deltas.every((delta) => delta >= 0n),
      'a total falls',
    );
    if (row.total !== null)
      assert.equal(row.connections > 0, carried, 'bytes are of connections, and of no others');
    const goesOn = totals.every(
      (total, i) =>
        total === (before === undefined ? 0n : (numbersOf(before.row, 'total')[i] ?? 0n)) + (deltas[i] ?? 0n),
    );
    if (goesOn) return;
    // A flow that was forgotten starts its total again.
    assert.deepEqual(totals, deltas);
    assert.ok(before !== undefined && before.row.live === 0 && this.clock - before.time >= FORGET_IDLE);
  }

  private count(row: FlowRow): void {
    const sum = this.counted[Number(row.key.protocol)];
    const [inbound, outbound, packets] = numbersOf(row, 'delta');
    if (sum === undefined) throw new RangeError(`no flow ${row.key.protocol}`);
    sum.inbound += inbound;
    sum.outbound += outbound;
    sum.packets += packets;
  }
}

/** Inbound bytes, outbound bytes, packets. */
function numbersOf(row: FlowRow, which: 'total' | 'delta'): [bigint, bigint, bigint] {
  const traffic = row[which];
  if (!traffic) return [0n, 0n, 0n];
  const { inbound, outbound } = traffic;
  return [BigInt(inbound.bytes), BigInt(outbound.bytes), BigInt(inbound.packets) + BigInt(outbound.packets)];
}

/** Bytes and packets of a flow; its open connections with counters and without. */
export interface Counted {
  inbound: bigint;
  outbound: bigint;
  packets: bigint;
  known: number;
  unknown: number;
}
