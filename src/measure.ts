import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import type { OpenedAccount } from './accounting/account.js';
import { describeLosses } from './accounting/describe-losses.js';
import { measuredFlows, withRates } from './accounting/measured-flows.js';
import { openAccount } from './accounting/open.js';
import { newCommand } from './command.js';
import { EXIT, HostflowError, systemCode, systemReason } from './errors.js';
import { presentation, remark, remarkDiagnostics, snapshotOptions, type Flags } from './flags.js';
import { passes } from './flows/filter.js';
import { writeAll, type Io, type OutputStream } from './io.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import { resolveSnapshotOptions } from './options.js';
import { render } from './render/index.js';
import { arrange } from './snapshot.js';
import { Until } from './until.js';

interface MeasureFlags extends Flags {
  for?: string;
  output?: string;
}

/** What a shell says of a command that a signal ended. */
const SIGNALLED = 128;
/** What a shell says of a command that is not there, and of one that cannot be run. */
const COMMAND_EXIT = { notFound: 127, notRunnable: 126 } as const;

const EXAMPLES = `
Examples:
  sudo hostflow measure --for 60s          each upstream's bytes of a minute
  sudo hostflow measure -- ./backup.sh     those that a job takes (the listing goes to standard error)
  sudo hostflow measure                    until Ctrl-C
`;

function buildMeasure(io: Io): Command {
  return newCommand('hostflow measure', 'Lists exactly the bytes that flow meanwhile, on each host flow.', io)
    .usage('[options] [-- COMMAND...]')
    .argument('[command...]', 'measures while this runs; its exit code is passed on')
    .allowExcessArguments(true)
    .optionsGroup('How long:')
    .option('--for <duration>', '60s, 5m, 1h or 500ms; without it until Ctrl-C, or the end of the command')
    .option('--output <file>', 'where the listing goes, instead of standard output')
    .addHelpText('after', EXAMPLES);
}

/** `hostflow measure`, without the word itself. @returns the exit code; the command's where one was measured */
export async function runMeasure(argv: readonly string[], io: Io): Promise<number> {
  const program = buildMeasure(io);
  program.parse(withTwoDashes(argv), { from: 'user' });
  const flags = program.opts<MeasureFlags>();
  const until = Until.parse(flags.for, program.args);
  const stream = await destination(flags, program.args.length > 0, io);
  const { format, human, columns, defaultLimit } = presentation(flags, stream);
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const opened = await openAccount(options);
  const isOnTerminal = columns !== undefined && format === 'table';
  remarkDiagnostics(io, opened.diagnostics, isOnTerminal);
  try {
    const started = performance.now();
    const exitCode = program.args.length > 0 ? await runCommand(program.args, io) : await until.wait(io);
    const { flows, seconds } = await finish(opened, started, io);
    const shown = flows.filter((flow) => passes(flow, options.filter));
    const listed = withRates([...(await arrange(shown, options))], seconds);
    await writeAll(stream, render(format, listed, { human, columns, limit: options.limit, rates: true }));
    if (flags.output !== undefined) stream.end();
    return exitCode;
  } finally {
    await opened.account.close();
  }
}

async function finish(
  { account, source }: OpenedAccount,
  started: number,
  io: Io,
): Promise<{ flows: ReturnType<typeof measuredFlows>; seconds: number }> {
  const { flows, losses } = await account.interval();
  const seconds = (performance.now() - started) / 1000;
  for (const line of describeLosses(losses, source)) remark(io, `hostflow: ${line}`);
  return { flows: measuredFlows(flows), seconds };
}

/** Where the listing goes: the output of a command stays the command's alone. */
async function destination({ output }: MeasureFlags, hasCommand: boolean, io: Io): Promise<OutputStream> {
  if (output === undefined) return hasCommand ? io.stderr : io.stdout;
  const file = createWriteStream(output);
  try {
    await once(file, 'open');
  } catch (error) {
    throw new HostflowError(EXIT.sourceFailed, `--output: cannot write ${output}: ${systemReason(error)}`);
  }
  return file;
}

async function runCommand([command = '', ...args]: readonly string[], io: Io): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit' });
  // Ctrl-C reaches the command by itself; whoever ends this process alone means both.
  const stopListening = io.onInterrupt?.((signal) => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    remark(io, `hostflow: cannot run ${command}: ${systemReason(error)}`);
    return systemCode(error) === 'ENOENT' ? COMMAND_EXIT.notFound : COMMAND_EXIT.notRunnable;
  } finally {
    stopListening?.();
  }
}
