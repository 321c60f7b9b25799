import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import { lastInterval } from '../library/account.js';
import { arrange, nameRows } from '../library/arrange.js';
import { resolveSnapshotOptions } from '../library/options.js';
import { HostflowError, systemCode, systemErrorCode, systemReason } from '../model/errors.js';
import { describeLosses } from '../model/losses.js';
import { hasTraffic } from '../model/traffic.js';
import { render } from '../render/index.js';
import { openAccount } from '../sources/open-account.js';
import { commandPrefix } from '../sources/source-options.js';
import { presentation, remark, remarkerOfNew, snapshotOptions, type Flags } from './flags.js';
import { writeAll, type Io } from './io.js';
import { Until } from './until.js';

/** The flags of `hostflow measure`. */
export interface MeasureFlags extends Flags {
  for?: string;
  output?: string;
}

/** A shell adds this to the number of the signal that ended a command. */
const SIGNALLED = 128;
/** The exit codes of a shell for a command that does not exist, and for one that cannot be run. */
const COMMAND_EXIT = { notFound: 127, notRunnable: 126 } as const;

/** A stream that is no terminal: the presentation depends on that. */
const A_FILE = {};

/** The end of the time that was measured. */
interface Ended {
  exitCode: number;
  /** False if the command could not be started. */
  hasRun: boolean;
}

/** `hostflow measure`. @returns the exit code; the command's if one was measured */
export async function measureHostFlows(
  flags: MeasureFlags,
  io: Io,
  command: readonly string[],
): Promise<number> {
  const until = Until.parse(flags.for, command);
  if (flags.output === '') throw new HostflowError('usage', '--output: expected a file, found ""');
  // A measured command has standard output to itself.
  const usual = command.length > 0 ? io.stderr : io.stdout;
  const { format, human, columns, defaultLimit } = presentation(
    flags,
    flags.output === undefined ? usual : A_FILE,
  );
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const { account, basis } = await openAccount(options);
  const remarkNew = remarkerOfNew(io, columns !== undefined && format === 'table');
  remarkNew(basis.diagnostics);
  try {
    const file = flags.output === undefined ? undefined : await openOutput(flags.output);
    const started = performance.now();
    const { exitCode, hasRun } =
      command.length > 0 ? await runCommand(command, io) : { exitCode: await until.wait(io), hasRun: true };
    // If the command cannot be started, nothing is printed.
    if (!hasRun) return exitCode;
    const { rows, seconds, losses } = await lastInterval(account, options, started, basis);
    for (const line of describeLosses(losses, basis.source, commandPrefix(options)))
      remark(io, `hostflow: ${line}`);
    remarkNew(basis.diagnostics);
    const carried = [...rows].filter(({ total }) => total === null || hasTraffic(total));
    const listed = await nameRows(arrange(carried, options, 'total', seconds), options);
    await writeAll(
      file ?? usual,
      render(format, listed, { human, columns, limit: options.limit, rates: true }),
    );
    if (file !== undefined) await closeOutput(file, flags.output ?? '');
    return exitCode;
  } finally {
    await account.close();
  }
}

async function openOutput(output: string): Promise<WriteStream> {
  const file = createWriteStream(output);
  try {
    await once(file, 'open');
  } catch (error) {
    throw cannotWrite(output, error);
  }
  // An error is reported when the file is closed.
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
  return new HostflowError(
    systemErrorCode(error),
    `--output: cannot write ${output}: ${systemReason(error)}`,
  );
}

async function runCommand([command = '', ...args]: readonly string[], io: Io): Promise<Ended> {
  let child: ChildProcess | undefined;
  // Listens before the command starts, as the command may send the signal at once. The terminal sends Ctrl-C to both processes. Any
  // other signal is passed on.
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
