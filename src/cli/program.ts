import { Command, CommanderError } from 'commander';
import { EXIT, HostflowError } from '../model/errors.js';
import {
  addPresentation,
  addSelection,
  addSources,
  append,
  flagOf,
  remark,
  type CommandHelp,
  type Flags,
} from './flags.js';
import type { Io } from './io.js';
import { listHostFlows } from './list.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import type { MeasureFlags } from './measure.js';
import { VERSION } from './version.js';
import type { WatchFlags } from './watch.js';

const LIST_EXAMPLES = `
Examples:
  hostflow -n --active              the connections that this host opens, with bytes each way
  hostflow --by peer --sort out     the peers that get the most bytes from this host
  hostflow --json | jq '.[].peer'   the listing for programs
  conntrack -L | hostflow --stdin   a kernel without /proc/net/nf_conntrack
`;

const MEASURE_EXAMPLES = `
Examples:
  sudo hostflow measure --for 60s          the bytes of a minute
  sudo hostflow measure -- ./backup.sh     the bytes while a command runs (listed on standard error)
  sudo hostflow measure                    the bytes until Ctrl-C
  hostflow measure --input events.log      the bytes of the connections that ended, from conntrack -E
`;

const WATCH_EXAMPLES = `
Examples:
  sudo hostflow watch                             the live view, on a terminal
  sudo hostflow watch --interval 10s --json > log one record a line, for each flow and interval
  conntrack -E | hostflow watch --stdin           the connections that end, from events as text
`;

const LIST_HELP: CommandHelp = {
  text: 'conntrack text',
  readsProc: true,
  printsListing: true,
  printsStates: true,
  isVerbose: true,
};
const MEASURE_HELP: CommandHelp = {
  text: 'events (conntrack -E)',
  readsProc: false,
  printsListing: true,
  printsStates: false,
  isVerbose: false,
};
const WATCH_HELP: CommandHelp = {
  text: 'events (conntrack -E)',
  readsProc: false,
  printsListing: false,
  printsStates: false,
  isVerbose: false,
};

/** A command with its reporting, and the flags that all commands share. */
function newCommand(name: string, description: string, io: Io, help: CommandHelp): Command {
  const command = new Command(name)
    .description(description)
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        for (const line of text.trimEnd().split('\n')) remark(io, line.replace(/^error: /, 'hostflow: '));
      },
      getOutHelpWidth: () => io.stdout.columns ?? 80,
    })
    .showHelpAfterError(`Run ${name === 'hostflow' ? name : `hostflow ${name}`} --help for the flags.`);
  addSources(addPresentation(addSelection(command), help), help);
  // lsconntrack's short spellings work too. The help names them beside the long ones.
  return command
    .addOption(command.createOption('--aport <ports>').argParser(append).hideHelp())
    .addOption(command.createOption('--pport <ports>').argParser(append).hideHelp());
}

/** Runs a command with its flags and operands. @returns the exit code */
type Action<CommandFlags extends Flags> = (
  flags: CommandFlags,
  io: Io,
  operands: readonly string[],
) => Promise<number>;

/** The program: the listing and its subcommands. The code of a subcommand is loaded when it runs. */
function buildProgram(io: Io, onExit: (exitCode: number) => void): Command {
  const act = <CommandFlags extends Flags>(command: Command, action: Action<CommandFlags>): Command =>
    command.action(async () => {
      onExit(await action(command.optsWithGlobals<CommandFlags>(), io, command.args));
    });
  const measure = newCommand(
    'measure',
    'Counts exactly the bytes of each host flow for a while, then lists them.',
    io,
    MEASURE_HELP,
  )
    .usage('[options] [-- COMMAND...]')
    .argument('[command...]', 'measures while this command runs, and exits with its exit code')
    .allowExcessArguments(true)
    .optionsGroup('Measure:')
    .option(
      '--for <duration>',
      'for 60s, 5m, 1h or 500ms; by default until Ctrl-C, or the end of the command',
    )
    .option('--output <file>', 'write the listing to this file')
    .addHelpText('after', MEASURE_EXAMPLES);
  const watch = newCommand(
    'watch',
    'Shows the traffic of each host flow as it happens, interval by interval.',
    io,
    WATCH_HELP,
  )
    .optionsGroup('Watch:')
    .option('--interval <duration>', 'the length of an interval: 2s, 500ms, 1m', '2s')
    .addHelpText('after', WATCH_EXAMPLES);
  const description = 'Lists the peers that carry this host’s traffic, and the bytes that go each way.';
  const program = newCommand('hostflow', description, io, LIST_HELP)
    .enablePositionalOptions()
    .helpCommand(false)
    .addCommand(
      act<MeasureFlags>(measure, async (flags, streams, operands) => {
        const { measureHostFlows } = await import('./measure.js');
        return await measureHostFlows(flags, streams, operands);
      }),
    )
    .addCommand(
      act<WatchFlags>(watch, async (flags, streams) => {
        const { watchHostFlows } = await import('./watch.js');
        return await watchHostFlows(flags, streams);
      }),
    )
    .addHelpText('after', LIST_EXAMPLES);
  return act(program, listHostFlows);
}

/**
 * Runs the command as a function. A failure that a user can meet is not thrown, but reported as one line on `stderr`.
 * @param argv the arguments without node and script
 * @returns the exit code: 0 done, 1 a source failed, 2 usage, 3 a malformed line under `--strict`; or that of the measured command
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.done;
  try {
    const program = buildProgram(io, (code) => (exitCode = code));
    await program.parseAsync(withTwoDashes(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof HostflowError)) throw error;
    remark(io, `hostflow: ${error.describe(flagOf)}`);
    return error.exitCode;
  }
}
