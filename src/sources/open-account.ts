import { platform } from 'node:os';
import type { Readable } from 'node:stream';
import { type Diagnostic } from '../model/diagnostics.js';
import { describeFailures, failureCode } from '../model/unreadable.js';
import { HostflowError, option } from '../model/errors.js';
import {
  withEmptyNotice,
  type Account,
  type AccountBasis,
  type OpenedAccount,
  type SeeingAccount,
} from './opened-account.js';
import { EitherAccount } from './either-account.js';
import { FlowResolver } from './flow-resolver.js';
import { KnownHost } from './known-host.js';
import { procfsOf, sourcesFor } from './open-sources.js';
import { firstThatWorks, SourceFailure } from './source.js';
import type { SourceOptions } from './source-options.js';
import { EventTextAccount } from './text/event-text-account.js';
import type { MalformedLines } from './text/malformed-lines.js';
import type { SocketSource, Sources, TableSource } from './traffic-source.js';

/**
 * Opens an account of the network namespace that the options mean. It uses the requested source, or the best that works. Everything
 * counts from when this resolves.
 * @throws HostflowError (`exitCode` 1) if no source works, 2 if the options name no live host
 */
export async function openAccount(options: SourceOptions): Promise<OpenedAccount> {
  if (options.input !== undefined || options.filesOnly) {
    throw new HostflowError(
      'usage',
      `bytes over time can be counted on a live host only; leave out ${option('proc')}, ${option('anyInput')}`,
    );
  }
  if (options.byState) {
    throw new HostflowError(
      'usage',
      `a connection passes through several states over time; leave out ${option('states')}`,
    );
  }
  if (platform() !== 'linux')
    throw new HostflowError('unsupported', `${platform()} has no conntrack; run this on Linux`);
  const procfs = procfsOf(options);
  const absence = procfs?.absence();
  if (absence !== undefined) throw new HostflowError('missing', absence);
  const sources = await sourcesFor(options, procfs);
  return await withHost(options, sources, (host) => openFirst(options, sources, host));
}

type Followable = TableSource | SocketSource;

async function openFirst(options: SourceOptions, sources: Sources, host: KnownHost): Promise<OpenedAccount> {
  const opened = await firstThatWorks(followable(options, sources), async (source, failures) => {
    const account = await source.follow?.(host, failures);
    if (account === undefined) throw new TypeError(`${source.name} cannot be followed`);
    const opened = options.source === 'auto' ? await orEither(account, sources, host) : account;
    const isAlone = opened === account && account.basis.source !== 'sockets';
    return isAlone && isSeeingOpened(account) ? withEmptyNotice(account) : opened;
  });
  if (opened.source !== undefined) return opened.result;
  const forced = options.source === 'auto' ? '' : `${option('source')} ${options.source}: `;
  throw new HostflowError(failureCode(opened.failures), `${forced}${describeFailures(opened.failures)}`);
}

/** The sources to try, the best first: events of conntrack, events of sockets, the table's file. */
function followable({ source }: SourceOptions, { tables, sockets }: Sources): Followable[] {
  const [best, ...others] = tables;
  const candidates: Followable[] =
    source === 'auto'
      ? [...(best === undefined ? [] : [best]), ...sockets, ...others]
      : source === 'sockets'
        ? [...sockets]
        : [...tables];
  return candidates.filter(({ follow }) => follow !== undefined);
}

/** Adds an account by sockets to one by conntrack that has met no entry: possibly nothing is tracked. Other accounts stay alone. */
async function orEither(opened: OpenedAccount, sources: Sources, host: KnownHost): Promise<OpenedAccount> {
  const { account: conntrack, basis } = opened;
  const canBeEmpty = basis.source === 'conntrack' && host.hasEvidence && isSeeing(conntrack);
  if (!canBeEmpty || conntrack.hasSeenAny) return opened;
  try {
    const bySockets = await sources.sockets[0]?.follow?.(host, []);
    if (bySockets === undefined || !isSeeing(bySockets.account)) return opened;
    const [why = { code: 'nothing-seen' } satisfies Diagnostic] = bySockets.basis.diagnostics;
    const either = new EitherAccount(conntrack, bySockets.account, why);
    return { account: either, basis: either };
  } catch (error) {
    if (error instanceof SourceFailure) return opened;
    await conntrack.close();
    throw error;
  }
}

function isSeeingOpened(opened: OpenedAccount): opened is OpenedAccount & { account: SeeingAccount } {
  return isSeeing(opened.account);
}

function isSeeing(account: Account): account is SeeingAccount {
  return 'hasSeenAny' in account;
}

/** Opens an account that needs the host. The host is closed with it, or if it cannot be opened. */
async function withHost(
  options: SourceOptions,
  sources: Sources,
  open: (host: KnownHost) => Promise<OpenedAccount>,
): Promise<OpenedAccount> {
  const host = await KnownHost.open(options, sources);
  try {
    const { account, basis } = await open(host);
    const close = async (): Promise<void> => {
      await account.close();
      await host.close();
    };
    return {
      account: { ended: account.ended, interval: (which) => account.interval(which), close },
      basis: {
        get source() {
          return basis.source;
        },
        get diagnostics() {
          return [...basis.diagnostics, ...host.notices];
        },
      },
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** An account of events in text. */
export interface EventText extends OpenedAccount {
  /** The time between the first and the last event so far, by their own timestamps; undefined if they have none. */
  eventSeconds: () => number | undefined;
  /** True if the text was read to its end. */
  isAtEnd: () => boolean;
}

/**
 * Opens an account of the events in the text of `conntrack -E`.
 * @throws HostflowError (`exitCode` 2) if the options name another source as well
 */
export async function openEventText(
  options: SourceOptions,
  stream: Readable,
  malformed: MalformedLines,
): Promise<EventText> {
  if (
    options.filesOnly ||
    options.pid !== undefined ||
    options.netns !== undefined ||
    options.source !== 'auto'
  ) {
    throw new HostflowError(
      'usage',
      `events from text need no other source; leave out ${option('proc')}, ${option('pid')}, ${option('netns')} and ${option('source')}`,
    );
  }
  let text: EventTextAccount | undefined;
  const all = await sourcesFor(options, procfsOf(options));
  // Addresses given by hand are another host's, about which this host's sockets tell nothing.
  const sources = options.local === undefined ? all : { ...all, sockets: [] };
  const opened = await withHost(options, sources, async (host) => {
    const account = new EventTextAccount(
      stream,
      await FlowResolver.open(host),
      malformed,
      options.local !== undefined,
    );
    text = account;
    const basis: AccountBasis = {
      source: 'conntrack',
      get diagnostics() {
        return account.isAtEnd ? account.notices : [];
      },
    };
    return { account, basis };
  });
  return { ...opened, eventSeconds: () => text?.seconds, isAtEnd: () => text?.isAtEnd === true };
}
