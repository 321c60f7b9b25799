import { platform } from 'node:os';
import {
  describeDiagnostic,
  type Diagnostic,
  type DiagnosticCode,
  type SocketBytes,
} from '../model/diagnostics.js';
import { EXIT, HostflowError } from '../model/errors.js';
import { limitFlows, mapFlows, type FlowList } from '../model/flow-list.js';
import { groupFlows } from '../model/grouping.js';
import type { FlowSource, HostFlow } from '../model/host-flow.js';
import { orderFlows } from '../model/order.js';
import { TableFlows, type SeenFlow } from '../engine/summed-flows.js';
import { resolveSnapshotOptions, type SnapshotOptions } from './options.js';
import type { ResolvedOptions } from '../sources/resolved-options.js';
import { sanitizeText } from '../model/sanitize.js';
import { collect } from '../sources/collect.js';

/** Something that the listing leaves open, and what to do about it. */
export interface Warning {
  code: DiagnosticCode;
  /** One line of text without control characters. */
  message: string;
}

/** The host flows of one moment. */
export interface Snapshot {
  /** In order, filtered and grouped as asked. */
  flows: HostFlow[];
  /** What was read: `sockets` where conntrack told nothing. */
  source: FlowSource;
  /** One line: which sources were read, and why none that is faster. */
  choice: string;
  warnings: Warning[];
}

/**
 * Lists the host flows of this host, of another namespace or procfs, or of conntrack text: what the command prints, as data.
 *
 * @throws HostflowError where a source fails (`exitCode` 1), an option has a wrong value (2), or under `strict` a line is malformed (3).
 */
export async function snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
  const resolved = resolveSnapshotOptions(options);
  const taken = await takeSnapshot(resolved);
  return { ...taken, flows: [...limitFlows(taken.flows, resolved.limit)] };
}

/** A snapshot whose flows need not all be objects. */
interface Listing extends Omit<Snapshot, 'flows'> {
  flows: FlowList;
}

/** As {@link snapshot}, from options that were checked before. */
export async function takeSnapshot(options: ResolvedOptions): Promise<Listing> {
  if (platform() !== 'linux' && options.input === undefined && options.procfsRoot === '/proc') {
    throw new HostflowError(
      EXIT.sourceFailed,
      `only Linux has /proc: on ${platform()} name conntrack text with --input FILE, or a saved /proc with --proc DIR`,
    );
  }
  const { flows, source, diagnostics, bytes, choice } = await collect(options);
  const isHidden = flows.length > 0 && !flows.some(({ direction }) => direction !== 'loopback');
  if (options.local !== undefined && isHidden && !options.filter.directions.includes('loopback')) {
    diagnostics.push({ code: 'all-loopback' });
  }
  const shown = flows.filter(options.filter);
  diagnostics.push(...bytesDiagnostics(shown, diagnostics, bytes));
  return {
    flows: await arrange(shown, options),
    source,
    choice: sanitizeText(choice),
    warnings: warningsOf(diagnostics),
  };
}

/** Diagnostics for programs. */
export function warningsOf(diagnostics: readonly Diagnostic[]): Warning[] {
  return diagnostics.map((diagnostic) => ({
    code: diagnostic.code,
    message: describeDiagnostic(diagnostic),
  }));
}

/** Filtered host flows as they are to be shown: grouped, in order, with names. */
export async function arrange(
  shown: readonly HostFlow[] | TableFlows,
  options: ResolvedOptions,
): Promise<FlowList> {
  const { grouping, sortKey, reverse, limit } = options;
  const ordered =
    shown instanceof TableFlows && grouping === 'flow'
      ? shown.inOrder(sortKey, reverse)
      : orderFlows(groupFlows(shown, grouping), sortKey, reverse);
  return options.names ? await nameFlows(ordered, limit) : ordered;
}

/** What to say of the bytes of the sockets that are shown, where no other diagnostic does. */
function bytesDiagnostics(shown: TableFlows, said: readonly Diagnostic[], bytes: SocketBytes): Diagnostic[] {
  if (said.some((diagnostic) => 'bytes' in diagnostic)) return [];
  const isSocket = ({ source, protocol }: SeenFlow): boolean => source === 'sockets' && protocol === 'tcp';
  if (bytes.known) {
    const hasBytes = shown.some((flow) => isSocket(flow) && flow.stat !== null);
    return hasBytes ? [{ code: 'sockets-payload' }] : [];
  }
  if (bytes.reason === undefined || !shown.some(isSocket)) return [];
  return [{ code: 'sockets-without-bytes', reason: bytes.reason }];
}

async function nameFlows(flows: FlowList, limit: number): Promise<FlowList> {
  // Loaded here, as DNS takes its time to load and most scripts do without names.
  const { resolvePeerNames } = await import('../names/resolve-names.js');
  const { withName } = await import('../names/with-names.js');
  const addresses = new Set<string>();
  for (const { peer } of limitFlows(flows, limit)) addresses.add(peer.addr);
  const names = await resolvePeerNames([...addresses]);
  return mapFlows(flows, (flow) => withName(flow, names));
}
