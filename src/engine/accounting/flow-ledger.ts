import type { FlowRow } from '../../model/flow-row.js';
import { FlowAccount, type FlowRef } from './flow-account.js';

/** The time after which an unchanged flow without entries is forgotten. */
export const FORGET_IDLE_MILLISECONDS = 60_000;

/**
 * The accounts of all host flows. An idle flow without entries is forgotten, so memory follows the flows that have entries. No bytes
 * are lost, as they were delivered in deltas.
 */
export class FlowLedger {
  private readonly known = new Map<FlowRef, FlowAccount>();
  private readonly unknown = new Map<FlowRef, FlowAccount>();
  /** The accounts with a row in the open interval. */
  private changed: FlowAccount[] = [];
  /** The time of each account's last row, the oldest first. */
  private readonly idleSince = new Map<FlowAccount, number>();
  private readonly onForget: (flow: FlowRef) => void;
  private readonly forgetIdleMilliseconds: number;

  /** @param onForget called when a flow has no account any more */
  constructor(onForget: (flow: FlowRef) => void, forgetIdleMilliseconds: number = FORGET_IDLE_MILLISECONDS) {
    this.onForget = onForget;
    this.forgetIdleMilliseconds = forgetIdleMilliseconds;
  }

  /** The number of accounts held. */
  get size(): number {
    return this.known.size + this.unknown.size;
  }

  /** The account of a flow for entries with known, or with unknown, counters. */
  account(flow: FlowRef, isKnown: boolean): FlowAccount {
    const accounts = isKnown ? this.known : this.unknown;
    let account = accounts.get(flow);
    if (account === undefined) accounts.set(flow, (account = new FlowAccount(flow, isKnown, this.onChange)));
    return account;
  }

  /** Closes an interval. @param time of a monotonic clock, in milliseconds @returns the rows that changed in the interval */
  interval(time: number): FlowRow[] {
    const { changed } = this;
    this.changed = [];
    const rows = changed.map((account) => account.row());
    for (const account of changed) {
      // Deleted first, so that it moves to the end, where the newest are.
      this.idleSince.delete(account);
      this.idleSince.set(account, time);
    }
    this.forgetIdle(time);
    return rows;
  }

  private forgetIdle(time: number): void {
    for (const [account, since] of this.idleSince) {
      if (time - since < this.forgetIdleMilliseconds) return;
      this.idleSince.delete(account);
      // A changed account returns to the queue at the end of its interval. The end of a held entry is a change.
      if (account.held === 0 && !account.hasChanged) this.forget(account);
      else if (account.held > 0) this.idleSince.set(account, time);
    }
  }

  private forget({ flow, isKnown }: FlowAccount): void {
    const [accounts, others] = isKnown ? [this.known, this.unknown] : [this.unknown, this.known];
    accounts.delete(flow);
    if (!others.has(flow)) this.onForget(flow);
  }

  private readonly onChange = (account: FlowAccount): void => {
    this.changed.push(account);
  };
}
