import { fallbackDiagnostic, type SocketBytes } from '../../model/diagnostics.js';
import {
  describeFailures,
  describeUnreadable,
  failureCode,
  type Unreadable,
} from '../../model/unreadable.js';
import { HostflowError, option } from '../../model/errors.js';
import { FlowAggregator } from '../../engine/aggregate.js';
import { allLive, directSockets } from '../../engine/direct-sockets.js';
import { addressNotices } from '../host-addresses.js';
import { commandPrefix, type SourceOptions } from '../source-options.js';
import type { LocalAddresses } from '../../engine/local-verdicts.js';
import type { Collected } from './collected.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';
import { firstThatWorks, type Chosen, type HostAddresses, type SocketTables } from '../source.js';
import type { SocketSource, TableSource } from '../traffic-source.js';
import { TableReading } from './table-reading.js';

/** The sockets, or the reasons why there are none. */
type ReadSockets = Chosen<SocketSource, SocketTables>;

/** The sources to read, and the parts that were read. */
interface Live {
  /** The procfs, if there is one. */
  procfs: ProcFs | undefined;
  tables: readonly TableSource[];
  sockets: ReadSockets;
  local: LocalAddresses & HostAddresses;
}

/** Reads the first table that works. If none does, lists the sockets. @throws HostflowError if there are none either */
export async function collectLive(
  options: SourceOptions,
  { procfs, tables, sockets, local }: Live,
): Promise<Collected> {
  const evidence = sockets.source === undefined ? undefined : sockets.result.evidence;
  const table = await firstThatWorks(tables, (source) =>
    source.dump((name) => new TableReading(options, name, local, evidence)),
  );
  const about = addressNotices(local);
  if (table.source !== undefined) {
    const collected = tableFlows(options, procfs, table, sockets);
    return { ...collected, diagnostics: [...about, ...collected.diagnostics] };
  }
  if (options.source === 'netlink' || options.source === 'procfs') {
    const why = describeFailures(table.failures);
    throw new HostflowError(failureCode(table.failures), `${option('source')} ${options.source}: ${why}`);
  }
  return socketFlows(options, sockets, local, table.failures);
}

function socketFlows(
  options: SourceOptions,
  sockets: ReadSockets,
  local: LocalAddresses & HostAddresses,
  tableFailures: readonly Unreadable[],
): Collected {
  if (sockets.source === undefined) {
    const failures = [...tableFailures, ...sockets.failures];
    throw new HostflowError(failureCode(failures), describeFailures(failures));
  }
  const { evidence, diagnostics } = sockets.result;
  const bytes = bytesOf(sockets);
  const aggregator = new FlowAggregator(local, evidence);
  directSockets(allLive(evidence), aggregator.host, evidence, options.byState, (connection, direction) => {
    aggregator.addDirected(connection, direction, 'sockets');
  });
  const fallback = tableFailures.length === 0 ? [] : [fallbackDiagnostic(tableFailures, bytes)];
  return {
    flows: aggregator.flows(),
    source: 'sockets',
    diagnostics: [...addressNotices(local), ...fallback, ...diagnostics],
    bytes,
    choice: because(`sockets by ${sockets.source.name}`, [...tableFailures, ...sockets.failures]),
  };
}

function tableFlows(
  options: SourceOptions,
  procfs: ProcFs | undefined,
  table: Extract<Chosen<TableSource, TableReading>, { source: TableSource }>,
  sockets: ReadSockets,
): Collected {
  const reading = table.result;
  const untracked = reading.addUntracked();
  const bytes = bytesOf(sockets);
  const isLive = options.procfsRoot === '/proc';
  const socketDiagnostics =
    sockets.source === undefined
      ? sockets.failures.map((failure) => ({ code: 'sockets-unreadable' as const, failure }))
      : sockets.result.diagnostics;
  const read = `conntrack by ${table.source.name}${reading.isEmpty ? ' (empty)' : ''}`;
  const settled = sockets.source === undefined ? '' : `, sockets by ${sockets.source.name}`;
  return {
    flows: reading.aggregator.flows(),
    source: reading.entries === 0 && untracked > 0 ? 'sockets' : 'conntrack',
    diagnostics: [
      ...socketDiagnostics,
      ...reading.diagnostics(procfs, commandPrefix(options)),
      ...(reading.isEmpty ? [{ code: 'conntrack-empty' as const, bytes }] : []),
      // A host that only routes or bridges has no entry with an address of its own. That is normal on this host.
      ...(isLive && options.local === undefined ? [] : reading.localDiagnostics(options)),
    ],
    bytes,
    choice: because(read + settled, [...table.failures, ...sockets.failures]),
  };
}

/** The state of the sockets' bytes. It has a reason if a better source would have told them. */
function bytesOf(sockets: ReadSockets): SocketBytes {
  if (sockets.source !== undefined && sockets.result.bytes.known) return { known: true };
  return sockets.failures.length === 0
    ? { known: false }
    : { known: false, reason: describeFailures(sockets.failures) };
}

function because(read: string, failures: readonly Unreadable[]): string {
  return failures.length === 0
    ? read
    : `${read}; faster sources do not work: ${failures.map((failure) => describeUnreadable(failure)).join('; ')}`;
}
