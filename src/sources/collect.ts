import { describeUnreadable, type Diagnostic, type UnreadableDiagnostic } from '../diagnostics.js';
import { EXIT, HostflowError, systemCode, systemReason } from '../errors.js';
import type { AddressSet } from '../flows/address-set.js';
import { FlowAggregator } from '../flows/aggregate.js';
import { directSockets } from '../flows/direct-sockets.js';
import { allLive } from '../flows/evidence.js';
import type { FlowSource, HostFlow } from '../flows/host-flow.js';
import type { Input, ResolvedOptions } from '../snapshot-options.js';
import { readLocalAddresses } from './local-addresses.js';
import { ProcFs } from './procfs.js';
import { openForReading, readChunks } from './read-chunks.js';
import { readSocketTables } from './socket-tables.js';
import { TableReading } from './table-reading.js';

/** All host flows of one reading, not yet filtered. */
export interface Collected {
  flows: HostFlow[];
  source: FlowSource;
  diagnostics: Diagnostic[];
}

/** The names of the live table, the current kernel's first. */
const TABLE_FILES = ['nf_conntrack', 'ip_conntrack'];

/** Reads what the options ask for. @throws HostflowError where there is nothing to show instead. */
export async function collect(options: ResolvedOptions): Promise<Collected> {
  const procfs = new ProcFs(options.procfsRoot, options.pid);
  if (options.input !== undefined) return await collectInput(options, options.input, procfs);
  const absence = procfs.absence();
  if (absence !== undefined) throw new HostflowError(EXIT.sourceFailed, absence);
  // Sockets first: whatever opens between the two readings then has an entry and needs no socket.
  const sockets = readSocketTables(procfs, options.strict);
  const local = options.local ?? readLocalAddresses(procfs);
  if (options.source === 'sockets') return collectSockets(sockets, local, []);
  const table = openTable(procfs);
  if ('code' in table) {
    if (options.source === 'procfs') {
      throw new HostflowError(EXIT.sourceFailed, `--source procfs: ${describeUnreadable(table)}`);
    }
    return collectSockets(sockets, local, [table]);
  }
  return await collectTable(options, procfs, table, local, sockets);
}

interface OpenTable {
  fd: number;
  path: string;
}

function openTable(procfs: ProcFs): OpenTable | UnreadableDiagnostic {
  let failure: UnreadableDiagnostic | undefined;
  for (const file of TABLE_FILES) {
    const path = procfs.net(file);
    try {
      return { fd: openForReading(path), path };
    } catch (error) {
      failure = worse(failure, diagnosticOf(path, error));
    }
  }
  return failure ?? { code: 'conntrack-missing', path: procfs.net('nf_conntrack') };
}

/** Of two failures the one to tell: a file that is there and cannot be read says more than one that is not there. */
function worse(a: UnreadableDiagnostic | undefined, b: UnreadableDiagnostic): UnreadableDiagnostic {
  return a === undefined || (a.code === 'conntrack-missing' && b.code !== 'conntrack-missing') ? b : a;
}

function diagnosticOf(path: string, error: unknown): UnreadableDiagnostic {
  const code = systemCode(error);
  if (code === 'ENOENT') return { code: 'conntrack-missing', path };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'conntrack-permission', path };
  return { code: 'conntrack-failed', path, reason: systemReason(error) };
}

function collectSockets(
  sockets: ReturnType<typeof readSocketTables>,
  local: AddressSet,
  before: readonly UnreadableDiagnostic[],
): Collected {
  if ('code' in sockets) {
    throw new HostflowError(EXIT.sourceFailed, [...before, sockets].map(describeUnreadable).join('; '));
  }
  const { evidence, diagnostics } = sockets;
  const aggregator = new FlowAggregator(local, evidence);
  directSockets(allLive(evidence), aggregator.local, evidence, (connection, direction) => {
    aggregator.addDirected(connection, direction, 'sockets');
  });
  return { flows: aggregator.flows(), source: 'sockets', diagnostics: [...before, ...diagnostics] };
}

async function collectTable(
  options: ResolvedOptions,
  procfs: ProcFs,
  { fd, path }: OpenTable,
  local: AddressSet,
  sockets: ReturnType<typeof readSocketTables>,
): Promise<Collected> {
  const evidence = 'code' in sockets ? undefined : sockets.evidence;
  const reading = new TableReading(options, path, local, evidence);
  try {
    await reading.read(readChunks(fd));
  } catch (error) {
    throw readFailure(path, error);
  }
  const untracked = reading.addUntracked();
  const isLive = options.procfsRoot === '/proc';
  const diagnostics = 'code' in sockets ? [sockets] : sockets.diagnostics;
  return {
    flows: reading.aggregator.flows(),
    source: reading.entries === 0 && untracked > 0 ? 'sockets' : 'conntrack',
    diagnostics: [
      ...diagnostics,
      ...reading.diagnostics(procfs),
      ...(reading.isEmpty ? [{ code: 'conntrack-empty' as const }] : []),
      // A host that only routes or bridges has entries without an address of its own: no mistake where it is this one.
      ...(isLive && options.local === undefined ? [] : reading.localDiagnostics(options)),
    ],
  };
}

async function collectInput(options: ResolvedOptions, input: Input, procfs: ProcFs): Promise<Collected> {
  // Addresses named by hand are another host's: this host's sockets then say nothing about them.
  const ownSockets = options.local === undefined || !procfs.isOwn;
  const sockets = ownSockets ? readSocketTables(procfs, options.strict) : undefined;
  const evidence = sockets === undefined || 'code' in sockets ? undefined : sockets.evidence;
  const reading = new TableReading(
    options,
    input.name,
    options.local ?? readLocalAddresses(procfs),
    evidence,
  );
  try {
    await reading.read(typeof input.from === 'string' ? readChunks(openForReading(input.from)) : input.from);
  } catch (error) {
    throw readFailure(input.name, error);
  }
  const diagnostics = [...reading.diagnostics(undefined), ...reading.localDiagnostics(options)];
  return { flows: reading.aggregator.flows(), source: 'conntrack', diagnostics };
}

function readFailure(name: string, error: unknown): HostflowError {
  if (error instanceof HostflowError) return error;
  const code = systemCode(error);
  const remedy =
    code === 'ENOENT' || code === 'EISDIR'
      ? ' (give a file of conntrack text, or - for standard input)'
      : code === 'EACCES'
        ? ' (try sudo)'
        : '';
  return new HostflowError(EXIT.sourceFailed, `cannot read ${name}: ${systemReason(error)}${remedy}`);
}
