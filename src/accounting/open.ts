import { platform } from 'node:os';
import { EXIT, HostflowError } from '../errors.js';
import { NetlinkError } from '../netlink/errors.js';
import type { ResolvedOptions } from '../snapshot-options.js';
import { namespaceOf, sourcesFor } from '../sources/choose.js';
import { ProcFs } from '../sources/procfs.js';
import { firstThatWorks } from '../sources/source.js';
import { ConntrackAccount } from './conntrack-account.js';
import { FlowResolver } from './flow-resolver.js';

/**
 * Opens the account of the network namespace that the options mean: from when this resolves, everything counts.
 * @throws HostflowError (`exitCode` 1) where there is no way to it, 2 where the options name no live host
 */
export async function openAccount(options: ResolvedOptions): Promise<ConntrackAccount> {
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
  const sources = await sourcesFor(options, procfs);
  const local = await sources.localAddresses();
  const sockets = await firstThatWorks(sources.sockets, (source) => source.read());
  const evidence = sockets.source === undefined ? undefined : sockets.result.evidence;
  try {
    return await ConntrackAccount.open(namespaceOf(options), new FlowResolver(local, evidence));
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    throw new HostflowError(
      EXIT.sourceFailed,
      `cannot follow conntrack by netlink: ${error.message}${remedyFor(error)}`,
    );
  }
}

function remedyFor({ code }: NetlinkError): string {
  if (code === 'not-permitted') return ' (it needs root or CAP_NET_ADMIN: sudo hostflow)';
  return code === 'unavailable' ? ' (npm install koffi)' : '';
}
