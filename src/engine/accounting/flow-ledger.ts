import { FlowAccount, type FlowInterval } from './flow-account.js';

/** The accounts of all host flows. */
export class FlowLedger<Flow> {
  private readonly known = new Map<string, FlowAccount<Flow>>();
  private readonly unknown = new Map<string, FlowAccount<Flow>>();
  private readonly forgetIdleAfter: number;
  /** How many accounts were dropped for being idle. */
  forgotten = 0;

  /** `forgetIdleAfter`: the intervals without change after which a flow without entries is dropped. */
  constructor(forgetIdleAfter: number) {
    this.forgetIdleAfter = forgetIdleAfter;
  }

  /** The account of the flow with this key, for entries whose counters are known, or unknown. */
  account(key: string, flow: Flow, isKnown: boolean): FlowAccount<Flow> {
    const accounts = isKnown ? this.known : this.unknown;
    let account = accounts.get(key);
    if (account === undefined) accounts.set(key, (account = new FlowAccount(key, flow, isKnown)));
    return account;
  }

  /** Closes an interval: what each flow carried, in the order in which they first came. */
  interval(): FlowInterval<Flow>[] {
    const flows: FlowInterval<Flow>[] = [];
    for (const accounts of [this.known, this.unknown]) {
      for (const account of accounts.values()) {
        flows.push(account.interval());
        if (account.held > 0 || account.idleIntervals < this.forgetIdleAfter) continue;
        accounts.delete(account.key);
        this.forgotten++;
      }
    }
    return flows;
  }
}
