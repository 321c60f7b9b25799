import type { Diagnostic, SocketBytes } from '../model/diagnostics.js';
import { EXIT, HostflowError } from '../model/errors.js';
import type { FlowSource } from '../model/host-flow.js';
import type { TableFlows } from '../engine/summed-flows.js';
import type { ResolvedOptions } from './resolved-options.js';
import { sourcesFor } from './choose.js';
import { ProcFs } from '../kernel/procfs/procfs.js';
import { firstThatWorks } from './source.js';

/** All host flows of one reading, not yet filtered. */
export interface Collected {
  flows: TableFlows;
  source: FlowSource;
  diagnostics: Diagnostic[];
  /** What is known of the bytes of sockets. */
  bytes: SocketBytes;
  /** One line: what was read, and why nothing faster. */
  choice: string;
}

/** Reads what the options ask for. @throws HostflowError where there is nothing to show instead. */
export async function collect(options: ResolvedOptions): Promise<Collected> {
  if (options.input !== undefined) {
    const { collectInput } = await import('./collect-input.js');
    return await collectInput(options, options.input, new ProcFs(options.procfsRoot, options.pid));
  }
  const procfs = options.netns === undefined ? new ProcFs(options.procfsRoot, options.pid) : undefined;
  const absence = procfs?.absence();
  if (absence !== undefined) throw new HostflowError(EXIT.sourceFailed, absence);
  const sources = await sourcesFor(options, procfs);
  try {
    await sources.tables[0]?.prepare?.();
    const local = await sources.localAddresses();
    // Loaded while the kernel looks for sockets. Those first: whatever opens between the two readings then has an entry and
    // needs no socket.
    const [sockets, { collectLive }] = await Promise.all([
      firstThatWorks(sources.sockets, (source) => source.read()),
      import('./collect-live.js'),
    ]);
    return await collectLive(options, { procfs, tables: sources.tables, sockets, local });
  } finally {
    await sources.tables[0]?.release?.();
  }
}
