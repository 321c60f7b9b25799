import type { LocalAddresses } from '../../engine/local-verdicts.js';
import { ProcFs } from '../../kernel/procfs/procfs.js';
import { AddressSet } from '../../model/address-set.js';
import { sourcesFor } from '../open-sources.js';
import { firstThatWorks, readAddresses } from '../source.js';
import type { Input, SourceOptions } from '../source-options.js';
import { openForReading, readChunks, readFailure } from '../text/read-chunks.js';
import { nameForeignText } from '../text/foreign-text.js';
import { readConntrack } from '../text/read-conntrack.js';
import { TableText } from '../text/table-text.js';
import type { Collected } from './collected.js';
import { TableReading } from './table-reading.js';

/** Reads conntrack text from a file or stream. @throws HostflowError if it cannot be read */
export async function collectInput(options: SourceOptions, input: Input): Promise<Collected> {
  const procfs = new ProcFs(options.procfsRoot, options.pid);
  // Addresses given by hand are another host's, about which this host's sockets tell nothing.
  const ownSockets = options.local === undefined || !procfs.isOwn;
  const sources = ownSockets ? await sourcesFor(options, procfs) : undefined;
  const sockets = await firstThatWorks(sources?.sockets ?? [], (source) => source.dump());
  const reading = new TableReading(
    options,
    input.name,
    sources === undefined ? onlyGiven(options) : await readAddresses(sources),
    sockets.source === undefined ? undefined : sockets.result.evidence,
  );
  reading.malformed.nameText = (line) => nameForeignText(line, 'entries');
  try {
    const chunks = typeof input.from === 'string' ? readChunks(openForReading(input.from)) : input.from;
    await readConntrack(chunks, new TableText(reading));
    reading.malformed.demandAny(reading.entries);
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

function onlyGiven({ local }: SourceOptions): LocalAddresses {
  return { own: new AddressSet(), groups: new AddressSet(), isTransparent: false, given: local };
}
