import { platform } from 'node:os';
import type { Readable } from 'node:stream';
import {
  describeFailures,
  fallbackDiagnostic,
  type Diagnostic,
  type SocketBytes,
  type Unreadable,
} from '../model/diagnostics.js';
import { EXIT, HostflowError } from '../model/errors.js';
import type { AddressSet } from '../model/address-set.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { ResolvedOptions, SourceChoice } from './resolved-options.js';
import { namespaceOf, sourcesFor } from './choose.js';
import { ProcFs } from '../kernel/procfs/procfs.js';
import type { ConntrackConsumer } from './read-conntrack.js';
import { readProcfsTable } from './read-procfs-table.js';
import { orFail } from './netlink-failure.js';
import { firstThatWorks, SourceFailure } from './source.js';
import { MalformedLines } from './malformed-lines.js';
import type { Account, OpenedAccount } from './account.js';
import { ConntrackAccount } from './conntrack-account.js';
import { EitherAccount } from './either-account.js';
import { EventTextAccount } from './event-text-account.js';
import { FlowResolver } from './flow-resolver.js';
import { POLLING_SECONDS, PollingAccount } from './polling-account.js';
import { SocketAccount } from './socket-account.js';
import { SocketResolver } from './socket-resolver.js';

/**
 * Opens the account of the network namespace that the options mean, by the best source that works, or the one asked for: from
 * when this resolves, everything counts.
 * @throws HostflowError (`exitCode` 1) where there is no way to it, 2 where the options name no live host
 */
export async function openAccount(options: ResolvedOptions): Promise<OpenedAccount> {
  if (options.input !== undefined || options.filesOnly) {
    throw new HostflowError(
      EXIT.usage,
      'bytes over time are those of a live host: not with --input, --stdin or --proc',
    );
  }
  if (platform() !== 'linux')
    throw new HostflowError(EXIT.sourceFailed, `only Linux has conntrack, not ${platform()}`);
  const procfs = options.netns === undefined ? new ProcFs(options.procfsRoot, options.pid) : undefined;
  const absence = procfs?.absence();
  if (absence !== undefined) throw new HostflowError(EXIT.sourceFailed, absence);
  const host = await hostOf(options, procfs);
  const failures: Unreadable[] = [];
  for (const open of openersFor(options.source)) {
    try {
      const opened = await open(options, host, failures);
      if (opened !== undefined) return opened;
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      failures.push(error.unreadable);
    }
  }
  const what = options.source === 'auto' ? '' : `--source ${options.source}: `;
  throw new HostflowError(EXIT.sourceFailed, `${what}${describeFailures(failures)}`);
}

/** Opens an account by one source; undefined where that has nothing to tell. @throws SourceFailure where it does not work */
type Opener = (
  options: ResolvedOptions,
  host: KnownHost,
  failures: readonly Unreadable[],
) => Promise<OpenedAccount | undefined>;

function openersFor(source: SourceChoice): readonly Opener[] {
  switch (source) {
    case 'netlink':
      return [openConntrack];
    case 'sockets':
      return [openSockets];
    case 'procfs':
      return [openPolling];
    case 'auto':
      return [openConntrackOrEither, openSockets, openPolling];
  }
}

async function openConntrack(options: ResolvedOptions, host: KnownHost): Promise<OpenedAccount> {
  const account = await conntrackAccount(options, host);
  return { account, basis: { source: 'conntrack', diagnostics: [] } };
}

async function openSockets(
  options: ResolvedOptions,
  host: KnownHost,
  failures: readonly Unreadable[],
): Promise<OpenedAccount> {
  const account = await socketAccount(options, host);
  return { account, basis: { source: 'sockets', diagnostics: [whySockets(options.source, failures)] } };
}

/** By conntrack; where that has no entry, which can mean that it tracks nothing, by sockets as well until it is known. */
async function openConntrackOrEither(options: ResolvedOptions, host: KnownHost): Promise<OpenedAccount> {
  const conntrack = await conntrackAccount(options, host);
  const alone: OpenedAccount = { account: conntrack, basis: { source: 'conntrack', diagnostics: [] } };
  // The sockets of this host say nothing of another's.
  if (conntrack.hasSeenAny || host.evidence === undefined) return alone;
  try {
    const either = new EitherAccount(conntrack, await socketAccount(options, host), whySockets('auto', []));
    return { account: either, basis: either };
  } catch (error) {
    if (error instanceof SourceFailure) return alone;
    await conntrack.close();
    throw error;
  }
}

function conntrackAccount(
  options: ResolvedOptions,
  { local, evidence }: KnownHost,
): Promise<ConntrackAccount> {
  const resolver = new FlowResolver(local, evidence);
  return orFail('conntrack', () => ConntrackAccount.open(namespaceOf(options), resolver));
}

function socketAccount(options: ResolvedOptions, { local }: KnownHost): Promise<SocketAccount> {
  const resolver = new SocketResolver(local);
  return orFail('sockets', () => SocketAccount.open(namespaceOf(options), resolver));
}

async function openPolling(
  { strict }: ResolvedOptions,
  { procfs, local, evidence }: KnownHost,
  failures: readonly Unreadable[],
): Promise<OpenedAccount | undefined> {
  // A namespace that has only a name has no files.
  if (procfs === undefined) return undefined;
  const { account, malformed } = await PollingAccount.open(
    (consumer) => readEntries(procfs, consumer, strict),
    new FlowResolver(local, evidence),
  );
  const polled: Diagnostic = { code: 'conntrack-polled', failures, seconds: POLLING_SECONDS };
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

function whySockets(source: SourceChoice, failures: readonly Unreadable[]): Diagnostic {
  const bytes: SocketBytes = { known: true, overTime: true };
  if (source === 'sockets') return { code: 'sockets-over-time' };
  return failures.length === 0 ? { code: 'conntrack-empty', bytes } : fallbackDiagnostic(failures, bytes);
}

/**
 * Opens an account of the events in the text of `conntrack -E`, called `name` in messages.
 * @throws HostflowError (`exitCode` 2) where the options name another source as well
 */
export async function openEventText(
  options: ResolvedOptions,
  stream: Readable,
  malformed: MalformedLines,
): Promise<Account> {
  if (options.pid !== undefined || options.netns !== undefined || options.source !== 'auto') {
    throw new HostflowError(
      EXIT.usage,
      'events from text need no other source: not with --pid, --netns or --source',
    );
  }
  const { local, evidence } = await hostOf(options, new ProcFs(options.procfsRoot));
  return new EventTextAccount(stream, new FlowResolver(local, evidence), malformed);
}

/** What says whose a connection is: the local addresses, and sockets unless those addresses are another host's. */
interface KnownHost {
  procfs: ProcFs | undefined;
  local: AddressSet;
  evidence: SocketEvidence | undefined;
}

async function hostOf(options: ResolvedOptions, procfs: ProcFs | undefined): Promise<KnownHost> {
  const sources = await sourcesFor(options, procfs);
  const local = await sources.localAddresses();
  const ownSockets = options.local === undefined ? sources.sockets : [];
  const sockets = await firstThatWorks(ownSockets, (source) => source.read());
  const evidence = sockets.source === undefined ? undefined : sockets.result.evidence;
  return { procfs, local, evidence };
}
