import fc from 'fast-check';
import type { Listener } from './kernel-listener.js';
import { TUPLES, type SimulatedKernel } from './simulated-kernel.js';

/** One thing that happens, in the kernel or in the listener. */
type Step = (kernel: SimulatedKernel, listener: Listener) => void;

const tuple = fc.nat(TUPLES - 1);
const direction = fc.constantFrom('original' as const, 'reply' as const);
/** Beyond 2^53 too: sums stay exact. */
const size = fc.constantFrom(1n, 2n, 40n, 1500n, 2n ** 53n - 1n, 2n ** 60n);
const few = fc.integer({ min: 1, max: 4 });

export interface NamedStep {
  text: string;
  step: Step;
}

/** A step that prints itself in a counterexample. */
function step<Values extends unknown[]>(
  name: string,
  values: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  run: (kernel: SimulatedKernel, listener: Listener, ...args: Values) => void,
): fc.Arbitrary<NamedStep> {
  return fc.tuple<Values>(...values).map((args) => ({
    text: `${name}(${args.join(', ')})`,
    toString: () => `${name}(${args.join(', ')})`,
    step: (kernel: SimulatedKernel, listener: Listener) => {
      run(kernel, listener, ...args);
    },
  }));
}

const open = step('open', [tuple, fc.nat(1), fc.boolean()], (kernel, _, at, id, isRare) => {
  // One in two of the second id is without counters.
  kernel.open(at, id, id === 0 || isRare);
});
const send = step('send', [tuple, direction, size], (kernel, _, at, way, bytes) => {
  kernel.send(at, way, bytes);
});
const end = step('end', [tuple, fc.boolean()], (kernel, _, at, lingers) => {
  kernel.end(at, lingers);
});
/** An entry ends and another takes its place, memory and ports at once. */
const replace = step('replace', [tuple, direction, size], (kernel, _, at, way, bytes) => {
  kernel.end(at, false);
  kernel.open(at, 0, true);
  kernel.send(at, way, bytes);
});
const close = step('close', [tuple], (kernel, _, at) => {
  kernel.close(at);
});
const flush = step('flush', [], (kernel) => {
  kernel.flush();
});
const hold = step('hold', [tuple], (kernel, _, at) => {
  kernel.hold(at);
});
const letGo = step('letGo', [], (kernel) => {
  kernel.letGo();
});
const congest = step('congest', [], (kernel) => {
  kernel.congest();
});
const redeliver = step('redeliver', [], (kernel) => {
  kernel.redeliver();
});

const events = step('events', [few], (_, listener, count) => {
  listener.processEvents(count);
});
const read = step('read', [few], (_, listener, count) => {
  listener.readBuckets(count);
});
const reread = step('reread', [], (_, listener) => {
  listener.rereadBucket();
});
const records = step('records', [few], (_, listener, count) => {
  listener.processRecords(count);
});
const interrupt = step('interrupt', [], (_, listener) => {
  listener.interruptDump();
});
const settle = step('settle', [], (_, listener) => {
  listener.settle();
});
/** A whole round in no time, but for events that are still to be sent again. */
const round = step('round', [], (_, listener) => {
  listener.round();
});
const interval = step('interval', [], (_, listener) => {
  listener.interval();
});

const listening = [
  { arbitrary: events, weight: 4 },
  { arbitrary: read, weight: 5 },
  { arbitrary: reread, weight: 1 },
  { arbitrary: records, weight: 5 },
  { arbitrary: interrupt, weight: 1 },
  { arbitrary: settle, weight: 3 },
  { arbitrary: round, weight: 2 },
  { arbitrary: interval, weight: 1 },
];
const happening = [
  { arbitrary: open, weight: 5 },
  { arbitrary: send, weight: 6 },
  { arbitrary: end, weight: 4 },
  { arbitrary: close, weight: 2 },
  { arbitrary: replace, weight: 4 },
  { arbitrary: flush, weight: 1 },
];
const losing = [
  { arbitrary: congest, weight: 2 },
  { arbitrary: redeliver, weight: 1 },
];

const holding = [
  { arbitrary: hold, weight: 3 },
  { arbitrary: letGo, weight: 1 },
];

/** The steps of sockets while no event is lost. */
export const ofSockets: fc.Arbitrary<NamedStep[]> = fc.array(
  fc.oneof(...listening, ...happening, ...holding),
  { maxLength: 60, size: 'max' },
);
/** The same while the receive queue overflows now and then. */
export const ofSocketsLossy: fc.Arbitrary<NamedStep[]> = fc.array(
  fc.oneof(...listening, ...happening, ...holding, ...losing),
  { maxLength: 60, size: 'max' },
);
/** The steps while no event is lost. */
export const lossless: fc.Arbitrary<NamedStep[]> = fc.array(fc.oneof(...listening, ...happening), {
  maxLength: 60,
  size: 'max',
});
/** The steps while the receive queue overflows now and then. */
export const lossy: fc.Arbitrary<NamedStep[]> = fc.array(fc.oneof(...listening, ...happening, ...losing), {
  maxLength: 60,
  size: 'max',
});
/** Connections from before the start. */
export const earlier: fc.Arbitrary<NamedStep[]> = fc.array(fc.oneof(...happening), {
  maxLength: 12,
  size: 'max',
});
