import { CommanderError, type Command } from 'commander';
import { newCommand } from './command.js';
import { EXIT, HostflowError } from '../model/errors.js';
import { presentation, remark, remarkWarnings, snapshotOptions, type Flags } from './flags.js';
import { writeAll, type Io } from './io.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import { resolveSnapshotOptions } from '../library/options.js';
import { render } from '../render/index.js';
import { takeSnapshot } from '../library/snapshot.js';

const EXAMPLES = `
Commands:
  hostflow measure                  exactly the bytes of a while, or of a command
  hostflow watch                    the same as it happens, live or as records

Examples:
  hostflow -n --active              which upstreams, and how many bytes each way
  hostflow --by peer --sort out     who gets the most from this host
  hostflow --json | jq '.[].peer'   for programs
  conntrack -L | hostflow --stdin   where there is no /proc/net/nf_conntrack
`;

function buildProgram(io: Io): Command {
  const description = 'Lists which peers carry this host’s traffic, and how many bytes go each way.';
  return newCommand('hostflow', description, io).addHelpText('after', EXAMPLES);
}

async function list(flags: Flags, io: Io): Promise<void> {
  const { format, human, columns, defaultLimit } = presentation(flags, io.stdout);
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const { flows, warnings, choice } = await takeSnapshot(options);
  if (flags.verbose === true) remark(io, `hostflow: read ${choice}`);
  remarkWarnings(io, warnings, columns !== undefined && format === 'table');
  await writeAll(io.stdout, render(format, flows, { human, columns, limit: options.limit }));
}

/**
 * The command as a function: `argv` without node and script, and the streams to use. Never throws for what a user can
 * meet; what went wrong is one line on `stderr`.
 * @returns the exit code: 0 done, 1 a source failed, 2 usage, 3 a malformed line under `--strict`; that of a measured command.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    if (argv[0] === 'measure') {
      const { runMeasure } = await import('./measure.js');
      return await runMeasure(argv.slice(1), io);
    }
    if (argv[0] === 'watch') {
      const { runWatch } = await import('./watch.js');
      return await runWatch(argv.slice(1), io);
    }
    const program = buildProgram(io);
    program.parse(withTwoDashes(argv), { from: 'user' });
    await list(program.opts<Flags>(), io);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof HostflowError)) throw error;
    remark(io, `hostflow: ${error.message}`);
    return error.exitCode;
  }
}
