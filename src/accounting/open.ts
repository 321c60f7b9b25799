import { platform } from 'node:os';
import type { Readable } from 'node:stream';
import { EXIT, HostflowError } from '../errors.js';
import { NetlinkError } from '../netlink/errors.js';
import type { ResolvedOptions } from '../snapshot-options.js';
import { namespaceOf, sourcesFor } from '../sources/choose.js';
import { ProcFs } from '../sources/procfs.js';
import { firstThatWorks } from '../sources/source.js';
import type { MalformedLines } from '../sources/malformed-lines.js';
import type { Account } from './account.js';
import { ConntrackAccount } from './conntrack-account.js';
import { EventTextAccount } from './event-text-account.js';
import { FlowResolver } from './flow-resolver.js';

/**
 * Opens the account of the network namespace that the options mean: from when this resolves, everything counts.
 * @throws HostflowError (`exitCode` 1) where there is no way to it, 2 where the options name no live host
 */
export async function openAccount(options: ResolvedOptions): Promise<Account> {
  if (options.input !== undefined || options.filesOnly) {
    throw new HostflowError(
      EXIT.usage,
      'bytes over time are those of a live host: not with --input, --stdin or --proc',
    );
  }
  if (options.source === 'procfs' || options.source === 'sockets') {
    throw new HostflowError(EXIT.usage, `bytes over time come by netlink: not by --source ${options.source}`);
  }
  if (platform() !== 'linux')
    throw new HostflowError(EXIT.sourceFailed, `only Linux has conntrack, not ${platform()}`);
  const procfs = options.netns === undefined ? new ProcFs(options.procfsRoot, options.pid) : undefined;
  const absence = procfs?.absence();
  if (absence !== undefined) throw new HostflowError(EXIT.sourceFailed, absence);
  const resolver = await resolverFor(options, procfs);
  try {
    return await ConntrackAccount.open(namespaceOf(options), resolver);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    throw new HostflowError(
      EXIT.sourceFailed,
      `cannot follow conntrack by netlink: ${error.message}${remedyFor(error)}`,
    );
  }
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
  return new EventTextAccount(stream, await resolverFor(options, new ProcFs(options.procfsRoot)), malformed);
}

/** What says whose a connection is: the local addresses, and sockets unless those addresses are another host's. */
async function resolverFor(options: ResolvedOptions, procfs: ProcFs | undefined): Promise<FlowResolver> {
  const sources = await sourcesFor(options, procfs);
  const local = await sources.localAddresses();
  const ownSockets = options.local === undefined ? sources.sockets : [];
  const sockets = await firstThatWorks(ownSockets, (source) => source.read());
  return new FlowResolver(local, sockets.source === undefined ? undefined : sockets.result.evidence);
}

function remedyFor({ code }: NetlinkError): string {
  if (code === 'not-permitted') return ' (it needs root or CAP_NET_ADMIN: sudo hostflow)';
  return code === 'unavailable' ? ' (npm install koffi)' : '';
}
