import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import type { OpenedAccount } from '../sources/account.js';
import { describeLosses } from '../model/describe-losses.js';
import { measuredFlows, withRates } from '../engine/accounting/measured-flows.js';
import { openAccount } from '../sources/open-account.js';
import { newCommand } from './command.js';
import { EXIT, HostflowError, systemCode, systemReason } from '../model/errors.js';
import { presentation, remark, remarkerOfNew, snapshotOptions, type Flags } from './flags.js';
import { passes } from '../model/filter.js';
import { writeAll, type Io } from './io.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import { resolveSnapshotOptions } from '../library/options.js';
import { render } from '../render/index.js';
import { arrange } from '../library/snapshot.js';
import { Until } from './until.js';

interface MeasureFlags extends Flags {
  for?: string;
  output?: string;
}

/** What a shell says of a command that a signal ended. */
const SIGNALLED = 128;
/** What a shell says of a command that is not there, and of one that cannot be run. */
const COMMAND_EXIT = { notFound: 127, notRunnable: 126 } as const;

/** What a presentation depends on, of a stream that is no terminal. */
const A_FILE = {};

/** How what was measured came to its end. */
interface Ended {
  exitCode: number;
  /** False of a command that could not be started. */
  hasRun: boolean;
}

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
  const { args: command } = program;
  const until = Until.parse(flags.for, command);
  if (flags.output === '') throw new HostflowError(EXIT.usage, '--output: expected a file, found ""');
  // The output of a command stays the command's alone.
  const usual = command.length > 0 ? io.stderr : io.stdout;
  const { format, human, columns, defaultLimit } = presentation(
    flags,
    flags.output === undefined ? usual : A_FILE,
  );
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const opened = await openAccount(options);
  const isOnTerminal = columns !== undefined && format === 'table';
  const remarkNew = remarkerOfNew(io, isOnTerminal);
  remarkNew(opened.basis.diagnostics);
  try {
    const file = flags.output === undefined ? undefined : await openOutput(flags.output);
    const started = performance.now();
    const { exitCode, hasRun } =
      command.length > 0 ? await runCommand(command, io) : { exitCode: await until.wait(io), hasRun: true };
    // Of a command that could not be run there is nothing to list.
    if (!hasRun) return exitCode;
    const { flows, seconds } = await finish(opened, started, io);
    remarkNew(opened.basis.diagnostics);
    const shown = flows.filter((flow) => passes(flow, options.filter));
    const listed = withRates([...(await arrange(shown, options))], seconds);
    await writeAll(
      file ?? usual,
      render(format, listed, { human, columns, limit: options.limit, rates: true }),
    );
    if (file !== undefined) await closeOutput(file, flags.output ?? '');
    return exitCode;
  } finally {
    await opened.account.close();
  }
}

async function finish(
  { account, basis }: OpenedAccount,
  started: number,
  io: Io,
): Promise<{ flows: ReturnType<typeof measuredFlows>; seconds: number }> {
  const { flows, losses } = await account.interval({ isLast: true });
  const seconds = (performance.now() - started) / 1000;
  for (const line of describeLosses(losses, basis.source)) remark(io, `hostflow: ${line}`);
  return { flows: measuredFlows(flows), seconds };
}

async function openOutput(output: string): Promise<WriteStream> {
  const file = createWriteStream(output);
  try {
    await once(file, 'open');
  } catch (error) {
    throw cannotWrite(output, error);
  }
  // Until it is closed, which says what went wrong.
  file.on('error', () => undefined);
  return file;
}

async function closeOutput(file: WriteStream, output: string): Promise<void> {
  try {
    file.end();
    await finished(file);
  } catch (error) {
    throw cannotWrite(output, error);
  }
}

function cannotWrite(output: string, error: unknown): HostflowError {
  return new HostflowError(EXIT.sourceFailed, `--output: cannot write ${output}: ${systemReason(error)}`);
}

async function runCommand([command = '', ...args]: readonly string[], io: Io): Promise<Ended> {
  let child: ChildProcess | undefined;
  // Listening first: the command may send the signal as soon as it is there. Ctrl-C reaches it by itself; whoever ends this process
  // alone means both.
  const stopListening = io.onInterrupt?.((signal) => {
    if (signal !== 'SIGINT') child?.kill(signal);
  });
  try {
    child = spawn(command, args, { stdio: 'inherit' });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { exitCode: code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]), hasRun: true };
  } catch (error) {
    remark(io, `hostflow: cannot run ${command}: ${systemReason(error)}`);
    const isMissing = systemCode(error) === 'ENOENT';
    return { exitCode: isMissing ? COMMAND_EXIT.notFound : COMMAND_EXIT.notRunnable, hasRun: false };
  } finally {
    stopListening?.();
  }
}
