import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, AccountBasis } from '../sources/account.js';
import type { Losses } from '../model/losses.js';
import { openAccount } from '../sources/open-account.js';
import { Pace } from '../engine/accounting/pace.js';
import { EXIT, HostflowError } from '../model/errors.js';
import { resolveSnapshotOptions, type SnapshotOptions } from './options.js';
import type { ResolvedOptions } from '../sources/resolved-options.js';
import { warningsOf, type Warning } from './snapshot.js';
import { flowRates, type FlowRate } from '../model/rates.js';

/** What `account()` takes: which namespace, which flows, how often. */
export interface AccountOptions extends SnapshotOptions {
  /** Seconds; 2 by default. */
  interval?: number;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal;
}

/** What flowed in an interval. */
export interface AccountInterval {
  /** Its end. */
  time: Date;
  /** How long it was, by the clock. */
  seconds: number;
  /** One a host flow that was ever seen since the start, filtered as asked; neither grouped nor in order. */
  flows: FlowRate[];
  /** What may be missing from the totals. */
  losses: Losses;
  /** What the source leaves open, and why it is none that tells more: from when that is known, in each interval the same. */
  warnings: readonly Warning[];
}

const DEFAULT_SECONDS = 2;
const LEAST_SECONDS = 0.1;
/** What the timers of Node.js take. */
const MOST_SECONDS = 2_147_483;

/**
 * Exactly the bytes of each host flow, interval by interval, from conntrack's DESTROY events and dumps by netlink; where those
 * may not be had, the payload of TCP connections from sock_diag's, and `warnings` say so. The first interval starts when the
 * iteration does. Whoever takes intervals slowly gets fewer and longer ones.
 * @throws HostflowError where there is no way to either (`exitCode` 1), or an option has a wrong value (2)
 */
export async function* account(options: AccountOptions = {}): AsyncGenerator<AccountInterval, void, void> {
  const { interval = DEFAULT_SECONDS, signal, ...others } = options;
  if (!(interval >= LEAST_SECONDS && interval <= MOST_SECONDS)) {
    throw new HostflowError(
      EXIT.usage,
      `interval: expected ${LEAST_SECONDS} to ${MOST_SECONDS} seconds, found "${interval}"`,
    );
  }
  const { intervals } = await openIntervals(resolveSnapshotOptions(others), interval, signal);
  yield* intervals;
}

/** The intervals of an account, and what it is kept by as of the last of them. */
export interface OpenedIntervals {
  basis: AccountBasis;
  intervals: AsyncGenerator<AccountInterval, void, void>;
}

/** As {@link account}, from options that were checked before, and with the account open already. */
export async function openIntervals(
  options: ResolvedOptions,
  intervalSeconds: number,
  signal: AbortSignal | undefined,
): Promise<OpenedIntervals> {
  const { account: opened, basis } = await openAccount(options);
  return { intervals: intervalsOf(opened, options, intervalSeconds, signal, basis), basis };
}

/** The intervals of an account until the signal, or until nothing more can come. It is closed in the end. */
export async function* intervalsOf(
  opened: Account,
  { filter }: ResolvedOptions,
  intervalSeconds: number,
  signal: AbortSignal | undefined,
  basis?: AccountBasis,
): AsyncGenerator<AccountInterval, void, void> {
  try {
    const pace = new Pace(intervalSeconds);
    const state = { hasEnded: false };
    const end = opened.ended.then(() => {
      state.hasEnded = true;
    });
    const isOver = (): boolean => state.hasEnded || signal?.aborted === true;
    while (!isOver()) {
      await Promise.race([end, pause(pace.pauseMilliseconds, signal)]);
      const { seen, seconds } = await pace.look(() => opened.interval({ isLast: isOver() }));
      yield {
        time: new Date(),
        seconds,
        flows: flowRates(seen, seconds, filter),
        losses: seen.losses,
        warnings: warningsOf(basis?.diagnostics ?? []),
      };
    }
  } finally {
    await opened.close();
  }
}

/** Waits, until the signal at the longest: what flowed up to then is an interval too. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
