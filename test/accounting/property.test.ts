import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountedInterval } from '../../src/engine/accounting/accounting.js';
import { Listener, type Counted } from '../support/simulated-kernel/kernel-listener.js';
import { FLOWS, SimulatedKernel, type KernelMode } from '../support/simulated-kernel/simulated-kernel.js';
import {
  earlier,
  lossless,
  lossy,
  ofSockets,
  ofSocketsLossy,
  type NamedStep,
} from '../support/simulated-kernel/random-steps.js';

type Sent = Omit<Counted, 'known' | 'unknown'>;

interface Outcome {
  counted: Counted[];
  interval: AccountedInterval;
  /** The bytes sent after the base was complete, and after the subscription. The start is in between. */
  least: Sent[];
  most: Sent[];
  /** The live entries of each flow, with counters and without. */
  open: Pick<Counted, 'known' | 'unknown'>[];
  tracked: number;
  live: number;
}

function run(mode: KernelMode & { hasEvents?: boolean }, before: NamedStep[], steps: NamedStep[]): Outcome {
  const kernel = new SimulatedKernel(mode);
  const idle = new Listener(new SimulatedKernel(mode), true);
  for (const { step: happen } of before) happen(kernel, idle);
  kernel.queue.length = 0;
  const listener = new Listener(kernel, mode.hasEvents ?? true, mode.isOfSockets !== true);
  let least: Sent[] | undefined;
  for (const { step: happen } of steps) {
    happen(kernel, listener);
    if (listener.accounting.isStarted) least ??= sent(kernel);
  }
  if (least === undefined) {
    listener.finish();
    least = sent(kernel);
  }
  const interval = listener.finish();
  const most = sent(kernel);
  return {
    interval,
    counted: listener.sums,
    least: most.map((flow, i) => minus(flow, least[i] ?? flow)),
    most,
    open: most.map((_, flow) => ({ known: kernel.live(flow, true), unknown: kernel.live(flow, false) })),
    tracked: listener.accounting.trackedEntries,
    live: kernel.liveEntries,
  };
}

function sent({ truth }: SimulatedKernel): Sent[] {
  return Array.from({ length: FLOWS }, (_, flow) => ({
    inbound: truth.inbound[flow] ?? 0n,
    outbound: truth.outbound[flow] ?? 0n,
    packets: truth.packets[flow] ?? 0n,
  }));
}

function minus(a: Sent, b: Sent): Sent {
  return {
    inbound: a.inbound - b.inbound,
    outbound: a.outbound - b.outbound,
    packets: a.packets - b.packets,
  };
}

const BYTES = ['inbound', 'outbound', 'packets'] as const;

function assertNotMore({ counted, most }: Outcome): void {
  for (const [i, flow] of counted.entries())
    for (const key of BYTES)
      assert.ok(flow[key] <= (most[i]?.[key] ?? 0), `flow ${i} ${key}: more than was sent`);
}

function isLess({ counted, least }: Outcome): boolean {
  return counted.some((flow, i) => BYTES.some((key) => flow[key] < (least[i]?.[key] ?? 0)));
}

function assertExact(outcome: Outcome): void {
  for (const [i, flow] of outcome.counted.entries()) {
    for (const key of BYTES) {
      const [least, most] = [outcome.least[i]?.[key] ?? 0, outcome.most[i]?.[key] ?? 0];
      assert.ok(flow[key] >= least, `flow ${i} ${key}: ${flow[key]}, at least ${least}`);
      assert.ok(flow[key] <= most, `flow ${i} ${key}: ${flow[key]}, at most ${most}`);
    }
  }
}

/** Only live entries are held, and their flows tell how many there are. */
function assertFlat({ tracked, live, counted, open }: Outcome): void {
  assert.equal(tracked, live);
  assert.deepEqual(
    counted.map(({ known, unknown }) => ({ known, unknown })),
    open,
  );
}

const RUNS = { numRuns: Number(process.env['HOSTFLOW_RUNS'] ?? 3000) };

test('without losses totals are exact, and nothing is reported, whatever the interleaving', () => {
  fc.assert(
    fc.property(earlier, lossless, (before, steps) => {
      const outcome = run({ isReliable: false, eventsMode: 1, reusesUnseen: true }, before, steps);
      assertExact(outcome);
      assertFlat(outcome);
      const { endedUnseen, eventLosses, resynchronisations, since } = outcome.interval.losses;
      assert.deepEqual([endedUnseen, eventLosses, resynchronisations, since], [0, 0, 0, undefined]);
    }),
    RUNS,
  );
});

test('a quiet base makes the start a moment: totals are what was sent after it, to the byte', () => {
  const quiet: NamedStep = { text: 'start', step: (_, listener) => void listener.finish() };
  fc.assert(
    fc.property(earlier, lossless, (before, steps) => {
      const outcome = run({ isReliable: false, eventsMode: 1, reusesUnseen: true }, before, [
        quiet,
        ...steps,
      ]);
      assert.deepEqual(outcome.least, outcome.most);
      for (const [i, { inbound, outbound, packets }] of outcome.counted.entries())
        assert.deepEqual({ inbound, outbound, packets }, outcome.most[i]);
    }),
    RUNS,
  );
});

test('nf_conntrack_events=2: entries that ended unseen count as last seen, and the loss shows', () => {
  fc.assert(
    fc.property(earlier, lossless, (before, steps) => {
      const outcome = run({ isReliable: false, eventsMode: 2, reusesUnseen: false }, before, steps);
      assertNotMore(outcome);
      assertFlat(outcome);
      if (outcome.interval.losses.endedUnseen === 0) assertExact(outcome);
    }),
    RUNS,
  );
});

test('lost events: never more than was sent, and the loss shows wherever it is less', () => {
  const eventsMode = fc.constantFrom(1 as const, 2 as const);
  fc.assert(
    fc.property(eventsMode, earlier, lossy, (mode, before, steps) => {
      const outcome = run({ isReliable: false, eventsMode: mode, reusesUnseen: false }, before, steps);
      assertNotMore(outcome);
      assertFlat(outcome);
      const { endedUnseen, eventLosses, resynchronisations, since } = outcome.interval.losses;
      if (isLess(outcome)) assert.ok(endedUnseen + eventLosses > 0, 'a loss does not show');
      assert.equal(since !== undefined, endedUnseen + eventLosses > 0);
      assert.ok(eventLosses === 0 || (resynchronisations > 0 && resynchronisations <= eventLosses));
    }),
    RUNS,
  );
});

test('NETLINK_BROADCAST_ERROR: late events make totals exact again', () => {
  fc.assert(
    fc.property(earlier, lossy, (before, steps) => {
      const outcome = run({ isReliable: true, eventsMode: 1, reusesUnseen: true }, before, steps);
      assertNotMore(outcome);
      // A loss that stays is one whose late event can be that of two entries.
      if (outcome.interval.losses.endedUnseen === 0) assertExact(outcome);
      assertFlat(outcome);
    }),
    RUNS,
  );
});

test('identities reused behind silent ends cannot be told apart, and never count too much', () => {
  fc.assert(
    fc.property(earlier, lossless, (before, steps) => {
      const outcome = run({ isReliable: false, eventsMode: 2, reusesUnseen: true }, before, steps);
      assertNotMore(outcome);
      assertFlat(outcome);
    }),
    RUNS,
  );
});

const SOCKETS = { isReliable: false, eventsMode: 1, reusesUnseen: false, isOfSockets: true } as const;

test('sockets: totals are exact in the end, however long programs hold ended connections', () => {
  fc.assert(
    fc.property(earlier, ofSockets, (before, steps) => {
      const outcome = run(SOCKETS, before, steps);
      assertExact(outcome);
      assertFlat(outcome);
      const { endedUnseen, eventLosses, since } = outcome.interval.losses;
      assert.deepEqual([endedUnseen, eventLosses, since], [0, 0, undefined]);
    }),
    RUNS,
  );
});

test('sockets: lost events show, and never make totals too high', () => {
  fc.assert(
    fc.property(earlier, ofSocketsLossy, (before, steps) => {
      const outcome = run(SOCKETS, before, steps);
      assertNotMore(outcome);
      assertFlat(outcome);
      const { endedUnseen, eventLosses } = outcome.interval.losses;
      if (isLess(outcome)) assert.ok(endedUnseen + eventLosses > 0, 'a loss does not show');
    }),
    RUNS,
  );
});

test('polling: never more than was sent, and the flag is set', () => {
  fc.assert(
    fc.property(earlier, lossless, (before, steps) => {
      const mode = { isReliable: false, eventsMode: 1, reusesUnseen: true, hasEvents: false } as const;
      const outcome = run(mode, before, steps);
      assertNotMore(outcome);
      assertFlat(outcome);
      assert.ok(outcome.interval.losses.missesShortConnections);
    }),
    RUNS,
  );
});
