import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountedInterval } from '../engine/accounting/accounting.js';
import { type Diagnostic } from '../model/diagnostics.js';
import { describeUnreadable, failureCode } from '../model/unreadable.js';
import { HostflowError } from '../model/errors.js';
import type { AccountSource } from '../model/losses.js';
import { SourceFailure } from './source.js';

/** The source of an account, as of its last interval. An interval can decide it. */
export interface AccountBasis {
  readonly source: AccountSource;
  /** Notices about the source, and about better ones that failed. A notice is the same object for as long as it holds. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An account that has started. */
export interface OpenedAccount {
  account: Account;
  basis: AccountBasis;
}

/** Keeps account of the traffic of a host. */
export interface Account {
  /** Fulfilled when the source has ended. */
  readonly ended: Promise<void>;
  /**
   * Updates the account and closes an interval. Records that cannot be attributed yet count in the next interval. In the last
   * interval they are settled at once.
   */
  interval(which: { isLast: boolean }): Promise<AccountedInterval>;
  close(): Promise<void>;
}

/** An account that knows if it has met any connection. */
export interface SeeingAccount extends Account {
  /** True if it has met any connection, live or ended, since it was opened. */
  readonly hasSeenAny: boolean;
  /** Fulfilled when it meets its first connection, also between intervals. */
  readonly seen?: Promise<void>;
}

/**
 * The same account, with a notice after an interval as long as it has met nothing: nothing may be tracked. It is for an account that
 * no other takes over from.
 */
export function withEmptyNotice({
  account,
  basis,
}: OpenedAccount & { account: SeeingAccount }): OpenedAccount {
  const nothingTracked: Diagnostic = { code: 'nothing-tracked' };
  let hasLooked = false;
  return {
    account: {
      ended: account.ended,
      async interval(which) {
        const interval = await account.interval(which);
        hasLooked = true;
        return interval;
      },
      close: () => account.close(),
    },
    basis: {
      get source() {
        return basis.source;
      },
      get diagnostics() {
        return hasLooked && !account.hasSeenAny ? [...basis.diagnostics, nothingTracked] : basis.diagnostics;
      },
    },
  };
}

/** The most dumps in a row that settle open records. */
const MOST_ROUNDS = 5;

/** Takes rounds, `milliseconds` apart, until no record is open. */
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

/** Finds the base of an account. Closes the account if that fails. */
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
 * Runs `body` for an account that has started. If its source fails now, no other can take over.
 * @throws HostflowError (`exitCode` 1) instead of SourceFailure
 */
export async function orEnd<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const reason = describeUnreadable(error.unreadable);
    throw new HostflowError(failureCode([error.unreadable]), `counting stopped early: ${reason}`);
  }
}
