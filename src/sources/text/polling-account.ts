import { performance } from 'node:perf_hooks';
import type { ConntrackEntry } from '../../../parsers/conntrack/entry.js';
import { MalformedLines } from './malformed-lines.js';
import type { ConntrackConsumer } from './read-conntrack.js';
import { readProcfsTable } from './read-procfs-table.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { Diagnostic } from '../../model/diagnostics.js';
import type { Unreadable } from '../../model/unreadable.js';
import { orEnd, type OpenedAccount, type SeeingAccount } from '../opened-account.js';
import type { KnownHost } from '../known-host.js';
import { Accounting, type AccountedInterval } from '../../engine/accounting/accounting.js';
import { FlowResolver } from '../flow-resolver.js';
import { LooksBetween } from '../looks-between.js';
import { entryCounters, isOpenEntry } from './read-entry.js';

/** Between two looks at the table. */
const POLLING_SECONDS = 1;

/** Reads the whole table, entry by entry. @throws HostflowError, SourceFailure */
type TableReader = (consumer: { entry: (entry: ConntrackEntry) => void }) => Promise<MalformedLines>;

/**
 * Keeps account of a table that tells no ends, from look to look: what an entry gains in between counts, one that is gone counts
 * with what it was last known to have, and one that came and went in between is missed.
 * @internal
 */
export class PollingAccount implements SeeingAccount {
  readonly ended: Promise<void>;
  private readonly read: TableReader;
  private readonly resolver: FlowResolver;
  private readonly accounting: Accounting<ConntrackEntry>;
  private readonly looks: LooksBetween;
  /** True if the table had any entry so far. */
  hasSeenAny = false;

  private constructor(read: TableReader, resolver: FlowResolver) {
    this.read = read;
    this.resolver = resolver;
    this.accounting = new Accounting({
      resolve: resolver.resolveEntry,
      onForget: resolver.release,
      hasEvents: false,
    });
    // Never fulfilled. A failure is thrown by the next interval.
    this.ended = new Promise(() => undefined);
    this.looks = new LooksBetween(() => this.look(), {
      milliseconds: POLLING_SECONDS * 1000,
      isPaced: false,
    });
  }

  /** Takes the first look. Everything counts from when this resolves. @throws HostflowError, SourceFailure */
  static async open(
    read: TableReader,
    resolver: FlowResolver,
  ): Promise<{ account: PollingAccount; malformed: MalformedLines }> {
    const account = new PollingAccount(read, resolver);
    try {
      return { account, malformed: await account.looks.alone(() => account.look()) };
    } catch (error) {
      await account.close();
      throw error;
    }
  }

  /** Takes a look and closes an interval. @throws HostflowError */
  async interval(): Promise<AccountedInterval> {
    await orEnd(() => this.looks.alone(() => this.look()));
    return this.accounting.interval(performance.now());
  }

  close(): Promise<void> {
    return this.looks.close();
  }

  private async look(): Promise<MalformedLines> {
    const { accounting } = this;
    await this.resolver.prepare();
    accounting.beginDump(Date.now());
    // The file goes by position, and can miss an entry behind one that leaves. The base must miss none.
    if (!accounting.isStarted) await this.readTable();
    const malformed = await this.readTable();
    accounting.endDump({ complete: true });
    return malformed;
  }

  /** Reads the table. New connections whose direction sockets may correct are counted after the sockets were read. */
  private async readTable(): Promise<MalformedLines> {
    const inDoubt: ConntrackEntry[] = [];
    const malformed = await this.read({
      entry: (entry) => {
        this.hasSeenAny = true;
        if (!this.accounting.isTracked(identity(entry)) && this.resolver.isEntryInDoubt(entry))
          inDoubt.push(entry);
        else this.take(entry);
      },
    });
    if (inDoubt.length > 0) await this.resolver.readSockets();
    for (const entry of inDoubt) this.take(entry);
    return malformed;
  }

  private take(entry: ConntrackEntry): void {
    this.accounting.dumped(identity(entry), entry, entryCounters(entry), isOpenEntry(entry));
  }
}

/** The text that identifies an entry: tuples and zones, as the file has no ids. */
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

/** Opens an account of the table in procfs. @throws SourceFailure if this source does not work here */
export async function pollProcfs(
  procfs: ProcFs,
  strict: boolean,
  host: KnownHost,
  failures: readonly Unreadable[],
): Promise<OpenedAccount> {
  const { account, malformed } = await PollingAccount.open(
    (consumer) => readEntries(procfs, consumer, strict),
    await FlowResolver.open(host),
  );
  const polled: Diagnostic = { code: 'conntrack-polled', failures: [...failures], seconds: POLLING_SECONDS };
  return { account, basis: { source: 'polling', diagnostics: [polled, ...malformed.diagnostics()] } };
}

async function readEntries(
  procfs: ProcFs,
  consumer: Pick<ConntrackConsumer, 'entry'>,
  strict: boolean,
): Promise<MalformedLines> {
  const { malformed } = await readProcfsTable(procfs, (path) => ({
    malformed: new MalformedLines(path, strict),
    entry(entry) {
      consumer.entry(entry);
    },
  }));
  return malformed;
}
