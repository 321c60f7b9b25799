import type { ResolvedOptions, Input } from './resolved-options.js';
import type { Collected } from './collect.js';
import { readLocalAddresses } from './local-addresses.js';
import type { ProcFs } from '../kernel/procfs/procfs.js';
import { procfsSockets } from './procfs-sockets.js';
import { openForReading, readChunks, readFailure } from './read-chunks.js';
import { readConntrack } from './read-conntrack.js';
import { firstThatWorks } from './source.js';
import { TableReading } from './table-reading.js';
import { TableText } from './table-text.js';

/** Reads conntrack text from elsewhere than the live table. @throws HostflowError where it cannot be read */
export async function collectInput(
  options: ResolvedOptions,
  input: Input,
  procfs: ProcFs,
): Promise<Collected> {
  // Addresses named by hand are another host's: this host's sockets then say nothing about them.
  const ownSockets = options.local === undefined || !procfs.isOwn;
  const sources = ownSockets ? [procfsSockets(procfs, options.strict)] : [];
  const sockets = await firstThatWorks(sources, (source) => source.read());
  const reading = new TableReading(
    options,
    input.name,
    options.local ?? readLocalAddresses(procfs),
    sockets.source === undefined ? undefined : sockets.result.evidence,
  );
  try {
    const chunks = typeof input.from === 'string' ? readChunks(openForReading(input.from)) : input.from;
    await readConntrack(chunks, new TableText(reading));
  } catch (error) {
    throw readFailure(input.name, error);
  }
  return {
    flows: reading.aggregator.flows(),
    source: 'conntrack',
    diagnostics: [...reading.diagnostics(undefined), ...reading.localDiagnostics(options)],
    bytes: { known: false },
    choice: `conntrack text from ${input.name}`,
  };
}
