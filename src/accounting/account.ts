import type { Diagnostic } from '../diagnostics.js';
import type { HostFlow } from '../flows/host-flow.js';
import type { AccountingInterval } from './accounting.js';

/** What accounts are kept by, with what the live view calls it. */
export const ACCOUNT_SOURCES = {
  conntrack: 'conntrack events',
  sockets: 'payload of TCP sockets',
  polling: 'conntrack, polled',
} as const;

/** One of {@link ACCOUNT_SOURCES}. */
export type AccountSource = keyof typeof ACCOUNT_SOURCES;

/** An account that has started. */
export interface OpenedAccount {
  account: Account;
  source: AccountSource;
  /** What to tell of the source, and of those that come before it. */
  diagnostics: readonly Diagnostic[];
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
