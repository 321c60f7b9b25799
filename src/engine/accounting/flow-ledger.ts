import type { FlowRow } from '../../model/flow-row.js';
import { FlowAccount, type FlowRef } from './flow-account.js';

/** A flow without entries is forgotten after this time without a change. */
export const FORGET_IDLE_MILLISECONDS = 60_000;

/**
 * The accounts of all host flows. Memory follows the flows that have entries: an idle flow without any is forgotten, as its bytes
 * were delivered in deltas.
 */
export class FlowLedger {
  private readonly known = new Map<FlowRef, FlowAccount>();
  private readonly unknown = new Map<FlowRef, FlowAccount>();
  /** Accounts with a row in the open interval. */
  private changed: FlowAccount[] = [];
  /** Accounts by the time of their last row, the oldest first. */
  private readonly idleSince = new Map<FlowAccount, number>();
  private readonly onForget: (flow: FlowRef) => void;
  private readonly forgetIdleMilliseconds: number;

  /** @param onForget called for a flow that has no account any more */
  constructor(onForget: (flow: FlowRef) => void, forgetIdleMilliseconds: number = FORGET_IDLE_MILLISECONDS) {
    this.onForget = onForget;
    this.forgetIdleMilliseconds = forgetIdleMilliseconds;
  }

  /** The number of accounts held. */
  get size(): number {
    return this.known.size + this.unknown.size;
  }

  /** The account of a flow for entries with known counters, or with unknown ones. */
  account(flow: FlowRef, isKnown: boolean): FlowAccount {
    const accounts = isKnown ? this.known : this.unknown;
    let account = accounts.get(flow);
    if (account === undefined) accounts.set(flow, (account = new FlowAccount(flow, isKnown, this.onChange)));
    return account;
  }

  /** Closes an interval: the rows that changed in it. @param time of a clock that never goes back, in milliseconds */
  interval(time: number): FlowRow[] {
    const { changed } = this;
    this.changed = [];
    const rows = changed.map((account) => account.row());
    for (const account of changed) {
      // Deleted first, so that it goes to the end, where the youngest are.
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
      // Its next change brings it back into the queue: entries that are held end with one.
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
