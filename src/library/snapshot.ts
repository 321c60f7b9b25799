import { platform } from 'node:os';
import type { SeenFlow, SummedFlows } from '../engine/summed-flows.js';
import type { Diagnostic, SocketBytes } from '../model/diagnostics.js';
import { HostflowError, option, spell } from '../model/errors.js';
import { limitRows } from '../model/flow-list.js';
import type { FlowSource } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { NO_LOSSES } from '../model/losses.js';
import { hostFlowOf, type HostFlow } from '../render/host-flow.js';
import { readListing } from '../sources/listing/read-listing.js';
import { arrange, nameRows } from './arrange.js';
import { resolveSnapshotOptions, type ResolvedOptions } from './options.js';
import type { SnapshotOptions } from './snapshot-options.js';
import { warningsOf, type Warning } from './warnings.js';

/** The host flows of one moment. */
export interface Snapshot {
  /** The moment of the snapshot. */
  time: Date;
  /** 0, as a snapshot has no duration. */
  seconds: 0;
  /** The flows: filtered, grouped and ordered as requested. */
  flows: HostFlow[];
  /** The source of the flows: `sockets` if conntrack has none. */
  source: FlowSource;
  /** One line: the sources that were read, and the reason why no faster one was. */
  choice: string;
  /** Facts that the numbers leave open, each with its remedy. */
  warnings: Warning[];
}

/**
 * Lists the host flows of this host, of another namespace or procfs, or of conntrack text. This is the command's listing as data.
 *
 * @throws HostflowError if a source fails (`exitCode` 1), an option has a wrong value (2), or under `strict` a line is malformed (3).
 *   Its `code` is the cause.
 * @example
 * const { flows, warnings } = await snapshot({ directions: ['active'], by: 'peer', limit: 10 });
 * for (const { peer, total } of flows) console.log(peer.addr, total?.inbound.bytes, total?.outbound.bytes);
 * for (const { message } of warnings) console.error(message);
 */
export async function snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
  const resolved = resolveSnapshotOptions(options);
  const { interval, source, choice } = await takeSnapshot(resolved);
  return {
    time: interval.start,
    seconds: 0,
    flows: Array.from(limitRows(interval.rows, resolved.limit), hostFlowOf),
    source,
    choice: spell(choice),
    warnings: warningsOf(interval.notices),
  };
}

/** An interval without duration, and its sources. */
export interface Listing {
  interval: Interval;
  source: FlowSource;
  /** Like {@link Snapshot.choice}, with its options marked for `spell`. */
  choice: string;
}

/** Like {@link snapshot}, from checked options. */
export async function takeSnapshot(options: ResolvedOptions): Promise<Listing> {
  if (platform() !== 'linux' && options.input === undefined && options.procfsRoot === '/proc') {
    throw new HostflowError(
      'unsupported',
      `${platform()} has no /proc; give conntrack text with ${option('input')} FILE, or a saved /proc with ${option('proc')} DIR`,
    );
  }
  const start = new Date();
  const { flows, source, diagnostics, bytes, choice } = await readListing(options);
  const isHidden = flows.length > 0 && !flows.some(({ direction }) => direction !== 'loopback');
  if (options.local !== undefined && isHidden && !options.filter.directions.includes('loopback')) {
    diagnostics.push({ code: 'all-loopback' });
  }
  const shown = flows.filter(options.filter);
  diagnostics.push(...bytesDiagnostics(shown, diagnostics, bytes));
  const rows = await nameRows(arrange(shown, options), options);
  return { interval: { start, seconds: 0, rows, losses: NO_LOSSES, notices: diagnostics }, source, choice };
}

/** The notice about the bytes of sockets. It is left out if no socket is shown, or if another notice reports it. */
function bytesDiagnostics(
  shown: SummedFlows,
  given: readonly Diagnostic[],
  bytes: SocketBytes,
): Diagnostic[] {
  if (given.some((diagnostic) => 'bytes' in diagnostic)) return [];
  const isSocket = ({ source, protocol }: SeenFlow): boolean => source === 'sockets' && protocol === 'tcp';
  if (bytes.known) {
    return shown.some((flow) => isSocket(flow) && flow.isKnown) ? [{ code: 'sockets-payload' }] : [];
  }
  if (bytes.reason === undefined || !shown.some(isSocket)) return [];
  return [{ code: 'sockets-without-bytes', reason: bytes.reason }];
}
