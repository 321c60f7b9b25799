import type { ConntrackEntry } from '../../parsers/conntrack/entry.js';
import type { HostFlow } from '../model/host-flow.js';
import type { MalformedLines } from './malformed-lines.js';
import type { Account } from './account.js';
import { Accounting, type AccountingInterval } from '../engine/accounting/accounting.js';
import type { FlowResolver } from './flow-resolver.js';
import { orEnd } from './or-end.js';
import { entryCounters } from '../engine/accounting/tracked-entry.js';

/** Between two looks at the table. */
export const POLLING_SECONDS = 1;

/** Reads the whole table, entry by entry. @throws HostflowError, SourceFailure */
export type TableReader = (consumer: { entry: (entry: ConntrackEntry) => void }) => Promise<MalformedLines>;

/**
 * Keeps account of a table that tells no ends, from look to look: what an entry gains in between counts, one that is gone counts
 * with what it was last known to have, and one that came and went in between is missed.
 */
export class PollingAccount implements Account {
  readonly ended: Promise<void>;
  private readonly read: TableReader;
  private readonly accounting: Accounting<ConntrackEntry, HostFlow>;
  private readonly timer: NodeJS.Timeout;
  /** The look in progress, or the last: one begins when the one before has ended. */
  private look: Promise<unknown> = Promise.resolve();
  /** What ended a look that nobody waited for. */
  private failure: Error | undefined;
  private isLooking = false;

  private constructor(read: TableReader, resolver: FlowResolver) {
    this.read = read;
    this.accounting = new Accounting({ resolve: resolver.resolveEntry, hasEvents: false });
    // It goes on until it is closed, or fails, which the next interval says.
    this.ended = new Promise(() => undefined);
    this.timer = setInterval(() => {
      if (this.isLooking) return;
      this.poll().catch((error: unknown) => {
        this.failure = error instanceof Error ? error : new Error(String(error));
      });
    }, POLLING_SECONDS * 1000);
  }

  /** Takes the first look: from when this resolves, everything counts. @throws HostflowError, SourceFailure */
  static async open(
    read: TableReader,
    resolver: FlowResolver,
  ): Promise<{ account: PollingAccount; malformed: MalformedLines }> {
    const account = new PollingAccount(read, resolver);
    try {
      return { account, malformed: await account.poll() };
    } catch (error) {
      await account.close();
      throw error;
    }
  }

  /** Takes a look, and closes an interval. @throws HostflowError */
  async interval(): Promise<AccountingInterval<HostFlow>> {
    await orEnd(async () => {
      await this.poll();
      if (this.failure !== undefined) throw this.failure;
    });
    return this.accounting.interval();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.look.catch(() => undefined);
  }

  private poll(): Promise<MalformedLines> {
    const look = this.look.catch(() => undefined).then(() => this.lookNow());
    this.look = look;
    return look;
  }

  private async lookNow(): Promise<MalformedLines> {
    const { accounting } = this;
    this.isLooking = true;
    try {
      accounting.beginDump(Date.now());
      // The file goes by position, and can miss an entry behind one that leaves: in the base it must not.
      if (!accounting.isStarted) await this.readTable();
      const malformed = await this.readTable();
      accounting.endDump({ complete: true });
      return malformed;
    } finally {
      this.isLooking = false;
    }
  }

  private readTable(): Promise<MalformedLines> {
    return this.read({
      entry: (entry) => {
        this.accounting.dumped(identity(entry), entry, entryCounters(entry));
      },
    });
  }
}

/** The file has no ids: tuples and zones are all that tells entries apart. */
function identity({
  protocolNumber,
  original,
  reply,
  zone,
  originalZone,
  replyZone,
}: ConntrackEntry): string {
  return JSON.stringify([protocolNumber, original, reply, zone, originalZone, replyZone]);
}
