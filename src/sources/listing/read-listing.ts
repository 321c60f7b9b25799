import { HostflowError } from '../../model/errors.js';
import type { SourceOptions } from '../source-options.js';
import { procfsOf, sourcesFor } from '../open-sources.js';
import { firstThatWorks, readAddresses } from '../source.js';
import type { Collected } from './collected.js';

/** Reads the host flows that the options ask for. @throws HostflowError if no source works */
export async function readListing(options: SourceOptions): Promise<Collected> {
  if (options.input !== undefined) {
    const { collectInput } = await import('./input-listing.js');
    return await collectInput(options, options.input);
  }
  const procfs = procfsOf(options);
  const absence = procfs?.absence();
  if (absence !== undefined) throw new HostflowError('missing', absence);
  const sources = await sourcesFor(options, procfs);
  try {
    await sources.tables[0]?.prepare?.();
    // All at once: the kernel looks for sockets meanwhile. Those come before the table: a connection that opens between the two
    // readings then has an entry and needs no socket.
    const [local, sockets, { collectLive }] = await Promise.all([
      readAddresses(sources),
      firstThatWorks(sources.sockets, (source) => source.dump()),
      import('./live-listing.js'),
    ]);
    return await collectLive(options, { procfs, tables: sources.tables, sockets, local });
  } finally {
    await sources.tables[0]?.release?.();
  }
}
