import type { Diagnostic } from '../model/diagnostics.js';
import type { AccountSource } from '../model/losses.js';
import type { Account, AccountBasis, SeeingAccount } from './opened-account.js';
import type { AccountedInterval } from '../engine/accounting/accounting.js';

type Choice = 'conntrack' | 'sockets';

/**
 * Keeps account by conntrack and by sockets until it is known if conntrack tracks. The kernel does not tell that while there is no
 * entry. Conntrack is chosen as soon as it has met a connection. If only sockets have, the next interval chooses them. The other
 * account is closed. Earlier intervals are empty.
 */
export class EitherAccount implements Account, AccountBasis {
  readonly ended: Promise<void>;
  /** The account of each source. Once one is chosen, it stands for both, so that no memory of the other is kept. */
  private accounts: Readonly<Record<Choice, SeeingAccount>>;
  private readonly reasons: Record<Choice | 'neither', readonly Diagnostic[]>;
  private choice: Choice | undefined;
  private hasLooked = false;
  private isClosed = false;
  /** True while an interval is open: it decides by itself. */
  private isBusy = false;
  /** Pending while the account that was not chosen is closed. */
  private closing: Promise<void> = Promise.resolve();
  private choose: (account: SeeingAccount) => void = () => undefined;

  /** @param whySockets the notice for the case that sockets are chosen */
  constructor(conntrack: SeeingAccount, sockets: SeeingAccount, whySockets: Diagnostic) {
    this.accounts = { conntrack, sockets };
    this.reasons = { conntrack: [], sockets: [whySockets], neither: [{ code: 'nothing-seen' }] };
    this.ended = new Promise<SeeingAccount>((resolve) => {
      this.choose = resolve;
    }).then((chosen) => chosen.ended);
    void conntrack.seen?.then(() => {
      if (this.choice === undefined && !this.isBusy && !this.isClosed) this.decide('conntrack');
    });
  }

  /** Conntrack, until sockets are chosen. */
  get source(): AccountSource {
    return this.choice ?? 'conntrack';
  }

  /** No notices before the first interval. While nothing is chosen after that, a notice that nothing was seen. */
  get diagnostics(): readonly Diagnostic[] {
    if (this.choice !== undefined) return this.reasons[this.choice];
    return this.hasLooked ? this.reasons.neither : [];
  }

  /** @throws the errors of either account */
  async interval(which: { isLast: boolean }): Promise<AccountedInterval> {
    if (this.choice !== undefined) return await this.accounts[this.choice].interval(which);
    this.isBusy = true;
    try {
      return await this.deciding(which);
    } finally {
      this.isBusy = false;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { conntrack, sockets } = this.accounts;
    const open = this.choice === undefined ? [conntrack, sockets] : [this.accounts[this.choice]];
    await Promise.all([this.closing, ...open.map((account) => account.close())]);
  }

  private async deciding(which: { isLast: boolean }): Promise<AccountedInterval> {
    const { conntrack, sockets } = this.accounts;
    // Sockets come first. If connections are tracked, conntrack then knows each that they know. Connections that they meet later
    // count in the next interval.
    const bySockets = await sockets.interval(which);
    const { hasSeenAny: haveSocketsSeen } = sockets;
    const byConntrack = await conntrack.interval(which);
    const choice = conntrack.hasSeenAny ? 'conntrack' : haveSocketsSeen ? 'sockets' : undefined;
    if (choice !== undefined) this.decide(choice);
    this.hasLooked = true;
    return choice === 'sockets' ? bySockets : byConntrack;
  }

  private decide(choice: Choice): void {
    const { [choice]: chosen, [choice === 'sockets' ? 'conntrack' : 'sockets']: other } = this.accounts;
    this.choice = choice;
    this.accounts = { conntrack: chosen, sockets: chosen };
    this.choose(chosen);
    this.closing = other.close();
    // An error is reported by `close`.
    this.closing.catch(() => undefined);
  }
}
