import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountedInterval } from '../engine/accounting/accounting.js';
import { describeUnreadable, failureCode, type Diagnostic } from '../model/diagnostics.js';
import { HostflowError } from '../model/errors.js';
import type { AccountSource } from '../model/losses.js';
import { SourceFailure } from './source.js';

/** The source of an account, as of its last interval: an interval can decide it. */
export interface AccountBasis {
  readonly source: AccountSource;
  /** Notices about the source, and about those that come before it; the same objects for as long as they hold. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An account that has started. */
export interface OpenedAccount {
  account: Account;
  basis: AccountBasis;
}

/** Keeps account of the traffic of a host. */
export interface Account {
  /** Fulfilled when nothing more can come. */
  readonly ended: Promise<void>;
  /**
   * Brings the account up to date, and closes an interval. Records that cannot be told apart yet count in the next one; in the
   * last interval they are looked into at once.
   */
  interval(which: { isLast: boolean }): Promise<AccountedInterval>;
  close(): Promise<void>;
}

/** An account that knows if there was any traffic to keep account of. */
export interface SeeingAccount extends Account {
  /** True if it has met any connection, live or ended, since it began to open. */
  readonly hasSeenAny: boolean;
}

/** The most dumps in a row that settle records which the last one left open. */
const MOST_ROUNDS = 5;

/** Takes rounds until nothing is open, `milliseconds` apart. */
export async function settle(
  round: () => Promise<void>,
  accounting: { readonly needsDump: boolean },
  milliseconds = 0,
): Promise<void> {
  await round();
  for (let rounds = 1; accounting.needsDump && rounds < MOST_ROUNDS; rounds++) {
    await sleep(milliseconds);
    await round();
  }
}

/** The account, once its base is known; closed if that fails. */
export async function started<Started extends Account>(
  account: Started,
  findBase: () => Promise<void>,
): Promise<Started> {
  try {
    await findBase();
    return account;
  } catch (error) {
    await account.close();
    throw error;
  }
}

/**
 * Runs `body`, which keeps an account that has started: if its source fails, no other can take over.
 * @throws HostflowError (`exitCode` 1) instead of SourceFailure
 */
export async function orEnd<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const reason = describeUnreadable(error.unreadable);
    throw new HostflowError(failureCode([error.unreadable]), `the account ends early: ${reason}`);
  }
}
