import { resolveSnapshotOptions } from '../library/options.js';
import { takeSnapshot } from '../library/snapshot.js';
import { EXIT, spell } from '../model/errors.js';
import { render } from '../render/index.js';
import { flagOf, presentation, remark, remarkNotices, snapshotOptions, type Flags } from './flags.js';
import { writeAll, type Io } from './io.js';

/** `hostflow` without a subcommand: lists the host flows of this moment. */
export async function listHostFlows(flags: Flags, io: Io): Promise<number> {
  const { format, human, columns, defaultLimit } = presentation(flags, io.stdout);
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const { interval, choice } = await takeSnapshot(options);
  if (flags.verbose === true) remark(io, `hostflow: read ${spell(choice, flagOf)}`);
  remarkNotices(io, interval.notices, columns !== undefined && format === 'table');
  await writeAll(io.stdout, render(format, interval.rows, { human, columns, limit: options.limit }));
  return EXIT.done;
}
