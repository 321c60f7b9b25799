// For consumers that name neither this library of TypeScript nor the types of Node.js.
/// <reference lib="esnext.disposable" preserve="true" />
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { passes } from '../model/filter.js';
import { limitRows } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import type { AccountSource, Losses } from '../model/losses.js';
import { perSecond, type Traffic, type TrafficRate } from '../model/traffic.js';
import { NameCache } from '../names/name-cache.js';
import { hostFlowOf, type HostFlow } from '../render/host-flow.js';
import type { Account, AccountBasis } from '../sources/opened-account.js';
import { openAccount } from '../sources/open-account.js';
import { arrange } from './arrange.js';
import { checkedOptions, expected } from './check-options.js';
import { resolveSnapshotOptions, type ResolvedOptions } from './options.js';
import { Pace } from './pace.js';
import type { SnapshotOptions } from './snapshot-options.js';
import { warningsOf, type Warning } from './warnings.js';

/** The options of `account()`: those of `snapshot()`, and the length of an interval. */
export interface AccountOptions extends SnapshotOptions {
  /** The length of an interval in seconds, 0.1 or more; 2 by default. */
  interval?: number;
  /** Ends the iteration after one last interval, without an error. */
  signal?: AbortSignal;
}

/** A host flow over an interval: a {@link HostFlow} with its traffic in the interval. */
export interface AccountedFlow extends HostFlow {
  /** The number of connections that are open at the end of the interval. TIME_WAIT is not open. */
  live: number;
  /**
   * The traffic in the interval; `null` if the counters are unknown. Deltas always add up. `total` starts again if a flow returns
   * after it was forgotten.
   */
  delta: Traffic | null;
  /** `delta` per second; `null` if the counters are unknown. */
  rate: TrafficRate | null;
}

/** An interval of an account: a `Snapshot` with a duration. Its flows also have `live`, `delta` and `rate`. */
export interface AccountInterval {
  /** The end of the interval. */
  time: Date;
  /** The length by the monotonic clock. */
  seconds: number;
  /** The flows that changed in the interval: filtered, grouped and ordered as requested. */
  flows: AccountedFlow[];
  /** The source of the numbers. */
  source: AccountSource;
  /** The traffic that may be missing since the start. */
  losses: Losses;
  /** Limits of the source, and the reason why no better one works. Each interval repeats them from when they are known. */
  warnings: Warning[];
}

/**
 * The intervals of an account, to be iterated once. Leaving the loop closes the account, and so does `await using` or `return()`;
 * a `next()` that waits for its interval then gets what there is.
 */
export interface AccountIntervals
  extends AsyncIterableIterator<AccountInterval, void, void>, AsyncDisposable {
  return: () => Promise<IteratorResult<AccountInterval, void>>;
  [Symbol.asyncIterator]: () => AccountIntervals;
}

const DEFAULT_SECONDS = 2;
const LEAST_SECONDS = 0.1;
/** The longest time that a timer of Node.js takes. */
const MOST_SECONDS = 2_147_483;

/**
 * Counts exactly the bytes of each host flow, interval by interval. The source is conntrack by netlink, with its DESTROY events.
 * Without the privilege for that, TCP sockets are counted by their payload, and `warnings` report it. The first interval starts
 * with the iteration. A slow consumer gets fewer and longer intervals.
 * @throws HostflowError if no source works (`exitCode` 1), or an option has a wrong value (2). Its `code` is the cause.
 * @example
 * for await (const { seconds, flows } of account({ interval: 10, by: 'peer' })) {
 *   for (const { peer, delta } of flows) console.log(peer.addr, delta?.outbound.bytes, seconds);
 * }
 */
export function account(options: AccountOptions = {}): AccountIntervals {
  const ending = new AbortController();
  const intervals = accountedIntervals(options, ending);
  const end: AccountIntervals['return'] = () => {
    ending.abort();
    return intervals.return();
  };
  const iterator: AccountIntervals = {
    next: () => intervals.next(),
    return: end,
    [Symbol.asyncIterator]: () => iterator,
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
  return iterator;
}

async function* accountedIntervals(
  options: AccountOptions,
  ending: AbortController,
): AsyncGenerator<AccountInterval, void, void> {
  const { interval = DEFAULT_SECONDS, signal, ...others } = checkedOptions(options, ['interval', 'signal']);
  if (typeof interval !== 'number' || !(interval >= LEAST_SECONDS && interval <= MOST_SECONDS)) {
    throw expected('interval', `${LEAST_SECONDS} to ${MOST_SECONDS} seconds`, interval);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw expected('signal', 'an AbortSignal', signal);
  const resolved = resolveSnapshotOptions(others);
  const stopListening = endWith(ending, signal);
  try {
    const { intervals, basis } = await openIntervals(resolved, interval, ending.signal);
    const names = resolved.names ? new NameCache() : undefined;
    for await (const each of intervals) yield await accountIntervalOf(each, resolved, basis.source, names);
  } finally {
    stopListening();
  }
}

async function accountIntervalOf(
  { start, seconds, rows, losses, notices }: Interval,
  options: ResolvedOptions,
  source: AccountSource,
  names: NameCache | undefined,
): Promise<AccountInterval> {
  const shown = [...limitRows(arrange(rows, options, 'delta', seconds), options.limit)];
  await names?.lookUp(shown.map(({ key }) => key.peer.addr));
  return {
    time: new Date(start.getTime() + Math.round(seconds * 1000)),
    seconds,
    flows: shown.map((row) => accountedFlowOf(names === undefined ? row : names.named(row))),
    source,
    losses,
    warnings: warningsOf(notices),
  };
}

function accountedFlowOf(row: FlowRow): AccountedFlow {
  return { ...hostFlowOf(row), live: row.live ?? 0, delta: row.delta ?? null, rate: row.rate ?? null };
}

/** The intervals of an account, and its source as of the last one. */
export interface OpenedIntervals {
  basis: AccountBasis;
  intervals: AsyncGenerator<Interval, void, void>;
}

/** Like {@link account}, from checked options. The account is open when this resolves. Rows are filtered, but not grouped or ordered. */
export async function openIntervals(
  options: ResolvedOptions,
  intervalSeconds: number,
  signal: AbortSignal | undefined,
): Promise<OpenedIntervals> {
  const { account: opened, basis } = await openAccount(options);
  return { intervals: intervalsOf(opened, options, intervalSeconds, signal, basis), basis };
}

/**
 * Yields the intervals of an account until the signal, or until nothing more can come. Then it closes the account and yields a last
 * interval.
 */
export async function* intervalsOf(
  opened: Account,
  options: ResolvedOptions,
  intervalSeconds: number,
  signal: AbortSignal | undefined,
  basis?: AccountBasis,
): AsyncGenerator<Interval, void, void> {
  const ending = new AbortController();
  const stopListening = endWith(ending, signal);
  let last: Interval | undefined;
  try {
    void opened.ended.then(() => {
      ending.abort();
    });
    const pace = new Pace(intervalSeconds);
    let start = new Date();
    while (last === undefined) {
      await pause(pace.pauseMilliseconds, ending.signal);
      const isLast = ending.signal.aborted;
      const { seen, seconds } = await pace.look(() => opened.interval({ isLast }));
      const rows = rowsOf(seen.rows, options, seconds);
      const interval = { start, seconds, rows, losses: seen.losses, notices: basis?.diagnostics ?? [] };
      if (isLast) last = interval;
      else yield interval;
      start = new Date(start.getTime() + Math.round(seconds * 1000));
    }
  } finally {
    stopListening();
    await opened.close();
  }
  yield last;
}

/** Lets a signal abort what it is not the signal of. @returns what ends that */
function endWith(ending: AbortController, signal: AbortSignal | undefined): () => void {
  const end = (): void => {
    ending.abort();
  };
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end);
  return () => {
    signal?.removeEventListener('abort', end);
  };
}

/** The rows that pass the filter, with their rates. @internal */
export function rowsOf(
  rows: readonly FlowRow[],
  { filter }: Pick<ResolvedOptions, 'filter'>,
  seconds: number,
): FlowRow[] {
  const passing = rows.filter(({ key }) => passes(key, filter));
  // The rows are fresh, and there may be very many.
  for (const row of passing) row.rate = row.delta ? perSecond(row.delta, seconds) : null;
  return passing;
}

/** Closes the one interval of a measurement. @param started by the monotonic clock, in milliseconds */
export async function lastInterval(
  opened: Account,
  options: ResolvedOptions,
  started: number,
  basis: AccountBasis,
): Promise<Interval> {
  const { rows, losses } = await opened.interval({ isLast: true });
  const seconds = (performance.now() - started) / 1000;
  const start = new Date(Date.now() - Math.round(seconds * 1000));
  return { start, seconds, rows: rowsOf(rows, options, seconds), losses, notices: basis.diagnostics };
}

/** Waits. The signal ends the wait early, as the traffic up to then is an interval too. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
