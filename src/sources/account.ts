import type { Diagnostic } from '../model/diagnostics.js';
import type { HostFlow } from '../model/host-flow.js';
import type { AccountingInterval } from '../engine/accounting/accounting.js';

/** What accounts are kept by, with what the live view calls it. */
export const ACCOUNT_SOURCES = {
  conntrack: 'conntrack events',
  sockets: 'payload of TCP sockets',
  polling: 'conntrack, polled',
} as const;

/** One of {@link ACCOUNT_SOURCES}. */
export type AccountSource = keyof typeof ACCOUNT_SOURCES;

/** What an account is kept by, as of its last interval: an interval can decide it. */
export interface AccountBasis {
  readonly source: AccountSource;
  /** What to tell of the source, and of those that come before it; the same objects for as long as it is so. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An account that has started. */
export interface OpenedAccount {
  account: Account;
  basis: AccountBasis;
}

/** Something that keeps account of what flows. */
export interface Account {
  /** Fulfilled when nothing more can come. */
  readonly ended: Promise<void>;
  /**
   * Brings the account up to date, and closes an interval. What cannot be told apart yet counts in the next one; where this is the
   * last, it is looked into at once.
   */
  interval(which: { isLast: boolean }): Promise<AccountingInterval<HostFlow>>;
  close(): Promise<void>;
}

/** An account that knows whether there was anything to keep account of. */
export interface SeeingAccount extends Account {
  /** Whether it has met any connection, live or ended, since it began to open. */
  readonly hasSeenAny: boolean;
}
