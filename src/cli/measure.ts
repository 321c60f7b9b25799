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
import { mapRows } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import type { Interval } from '../model/interval.js';
import { hasTraffic, perSecond } from '../model/traffic.js';
import { render } from '../render/index.js';
import { openAccount, openEventText } from '../sources/open-account.js';
import { commandPrefix } from '../sources/source-options.js';
import { presentation, remark, remarkerOfNew, snapshotOptions, type Flags } from './flags.js';
import { eventInput, newMalformedEvents } from './event-text.js';
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
  const { stdin: _, input: __, ...others } = flags;
  const options = resolveSnapshotOptions(snapshotOptions(others, io, flags.limit ?? defaultLimit));
  const text = eventInput(flags, io);
  if (text !== undefined && command.length > 0) {
    throw new HostflowError('usage', 'events in text and a command contradict each other; give one of them');
  }
  if (text?.isStored === true && flags.for !== undefined) {
    throw new HostflowError(
      'usage',
      '--for and --input FILE contradict each other, as the file is read to its end',
    );
  }
  const malformed = newMalformedEvents(options.strict);
  const events = text === undefined ? undefined : await openEventText(options, text.open(), malformed);
  const { account, basis } = events ?? (await openAccount(options));
  const remarkNew = remarkerOfNew(io, columns !== undefined && format === 'table');
  remarkNew(basis.diagnostics);
  try {
    const file = flags.output === undefined ? undefined : await openOutput(flags.output);
    const started = performance.now();
    const { exitCode, hasRun } =
      command.length > 0
        ? await runCommand(command, io)
        : { exitCode: await until.wait(io, events === undefined ? undefined : account.ended), hasRun: true };
    // If the command cannot be started, nothing is printed.
    if (!hasRun) return exitCode;
    const measured = await lastInterval(account, options, started, basis);
    // A pipe that goes on has the time of the clock.
    const isWhole = events?.isAtEnd() === true;
    const isByClock = events === undefined || (!isWhole && text?.isStored !== true);
    const { rows, seconds, losses } = isByClock ? measured : byEventTime(measured, events.eventSeconds());
    if (text?.isStored === true && !isWhole) remark(io, 'hostflow: the events were not read to their end');
    for (const line of describeLosses(losses, basis.source, commandPrefix(options)))
      remark(io, `hostflow: ${line}`);
    remarkNew([...basis.diagnostics, ...malformed.diagnostics()]);
    const carried = [...rows].filter(({ total }) => total === null || hasTraffic(total));
    const listed = await nameRows(arrange(carried, options, 'total', seconds), options);
    await writeAll(
      file ?? usual,
      render(format, listed, { human, columns, limit: options.limit, rates: seconds > 0 }),
    );
    if (file !== undefined) await closeOutput(file, flags.output ?? '');
    return exitCode;
  } finally {
    await account.close();
  }
}

/** The interval of events that were perhaps stored: with rates by their own time, or without. */
function byEventTime(interval: Interval, seconds: number | undefined): Interval {
  const rows = mapRows(interval.rows, ({ rate: _, ...row }): FlowRow => {
    if (seconds === undefined) return row;
    return { ...row, rate: row.delta ? perSecond(row.delta, seconds) : null };
  });
  return { ...interval, rows, seconds: seconds ?? 0 };
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
