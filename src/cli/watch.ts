import type { Command } from 'commander';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { intervalsOf, openIntervals, type AccountInterval } from '../library/account.js';
import { ACCOUNT_SOURCES, type AccountBasis } from '../sources/account.js';
import { openEventText } from '../sources/open-account.js';
import { newCommand } from './command.js';
import { describeDiagnostic } from '../model/diagnostics.js';
import { EXIT, HostflowError } from '../model/errors.js';
import { presentation, remark, remarkerOfNew, snapshotOptions, type Flags } from './flags.js';
import { writeAll, type Io } from './io.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import { resolveSnapshotOptions } from '../library/options.js';
import type { ResolvedOptions } from '../sources/resolved-options.js';
import { MalformedLines } from '../sources/malformed-lines.js';
import { parseDuration } from './until.js';
import { LiveView } from '../live/live-view.js';
import { PeerNames } from '../live/peer-names.js';
import { groupRates, orderRates, rateSortKey } from '../model/rates.js';
import { renderRecords, type RecordedInterval, type RecordFormat } from '../render/records.js';
import { selectionText } from './selection.js';
import { initialState, type ViewedBasis, type ViewSetting } from '../live/view-state.js';
import { lossesInWords } from '../model/loss-words.js';

interface WatchFlags extends Flags {
  interval: string;
}

/** Two looks at a table take their time. */
const LEAST_INTERVAL_MILLISECONDS = 100;

const EXAMPLES = `
Examples:
  sudo hostflow watch                             live, on a terminal
  sudo hostflow watch --interval 10s --json > log a record a flow and interval, one a line
  conntrack -E | hostflow watch --stdin           the connections that end, from events as text
`;

function buildWatch(io: Io): Command {
  return newCommand('hostflow watch', 'Shows which host flows carry how much, as it happens.', io)
    .optionsGroup('How often:')
    .option('--interval <duration>', 'between two looks: 2s, 500ms, 1m', '2s')
    .addHelpText('after', EXAMPLES);
}

/** `hostflow watch`, without the word itself. @returns the exit code */
export async function runWatch(argv: readonly string[], io: Io): Promise<number> {
  const program = buildWatch(io);
  program.parse(withTwoDashes(argv), { from: 'user' });
  const flags = program.opts<WatchFlags>();
  const seconds = parseDuration('--interval', flags.interval, LEAST_INTERVAL_MILLISECONDS) / 1000;
  const { format } = presentation(flags, io.stdout);
  const { stdin, input, ...others } = flags;
  const options = resolveSnapshotOptions(snapshotOptions(others, io, flags.limit ?? 0));
  if (stdin === true || input !== undefined) {
    const text = input === undefined || input === '-' ? io.stdin : createReadStream(input);
    await writeEventText(options, seconds, format === 'csv' ? 'csv' : 'ndjson', text, io);
    return EXIT.done;
  }
  const isLive = format === 'table' && io.stdout.isTTY === true && io.stdin.isTTY === true;
  if (isLive) return await showLive(options, seconds, selectionText(flags), io);
  if (flags.format === 'table')
    throw new HostflowError(EXIT.usage, '--format table is for a terminal: here give ndjson or csv');
  // A table for a pipe would have no end: programs get records.
  await writeRecords(options, seconds, format === 'csv' ? 'csv' : 'ndjson', io);
  return EXIT.done;
}

async function writeRecords(
  options: ResolvedOptions,
  seconds: number,
  format: RecordFormat,
  io: Io,
): Promise<void> {
  const ending = new AbortController();
  const stopListening = io.onInterrupt?.(() => {
    ending.abort();
  });
  try {
    const { intervals, basis } = await openIntervals(options, seconds, ending.signal);
    const remarkNew = remarkerOfNew(io, false);
    const remarkBasis = (): void => {
      remarkNew(basis.diagnostics);
    };
    remarkBasis();
    await writeAll(io.stdout, renderRecords(format, recorded(intervals, options, io, remarkBasis)));
  } finally {
    stopListening?.();
  }
}

/** Records what the text of `conntrack -E` tells. */
async function writeEventText(
  options: ResolvedOptions,
  seconds: number,
  format: RecordFormat,
  text: Readable,
  io: Io,
): Promise<void> {
  const malformed = new MalformedLines('the events', options.strict);
  const opened = await openEventText(options, text, malformed);
  const intervals = recorded(intervalsOf(opened, options, seconds, undefined), options, io);
  await writeAll(io.stdout, renderRecords(format, intervals));
  for (const diagnostic of malformed.diagnostics()) remark(io, `hostflow: ${describeDiagnostic(diagnostic)}`);
}

/** The intervals as they are recorded, what is newly lost being said on the way, and `remarkBasis` called before each. */
async function* recorded(
  intervals: AsyncIterable<AccountInterval>,
  { grouping, sortKey, reverse, limit }: ResolvedOptions,
  io: Io,
  remarkBasis: () => void = () => undefined,
): AsyncGenerator<RecordedInterval, void, void> {
  let said = '';
  for await (const { time, seconds, flows, losses } of intervals) {
    remarkBasis();
    const words = lossesInWords(losses).join('; ');
    if (words !== said && words !== '') remark(io, `hostflow: ${words}`);
    said = words;
    const ordered = orderRates(groupRates(flows, grouping, seconds), rateSortKey(sortKey), reverse);
    yield { time, seconds, flows: limit === 0 ? ordered : ordered.slice(0, limit) };
  }
}

async function showLive(
  options: ResolvedOptions,
  intervalSeconds: number,
  selection: string,
  io: Io,
): Promise<number> {
  if (io.terminalType === 'dumb') {
    throw new HostflowError(
      EXIT.usage,
      'the live view cannot be drawn on this terminal (TERM=dumb): give --format ndjson or csv',
    );
  }
  const ending = new AbortController();
  // Before the screen is taken: what forbids it is then said where it stays.
  const { intervals, basis } = await openIntervals(options, intervalSeconds, ending.signal);
  const view = openView(options, { intervalSeconds, selection, ...viewedBasis(basis) }, io);
  void view.ended.then(() => {
    ending.abort();
  });
  try {
    let elapsedSeconds = 0;
    for await (const { flows, seconds, losses } of intervals) {
      if (ending.signal.aborted) break;
      elapsedSeconds += seconds;
      view.update({ flows, seconds, elapsedSeconds, losses }, viewedBasis(basis));
    }
  } finally {
    view.stop();
  }
  return EXIT.done;
}

function viewedBasis({ source, diagnostics }: AccountBasis): ViewedBasis {
  return { source: ACCOUNT_SOURCES[source], remarks: diagnostics.map(describeDiagnostic) };
}

/** The view, which gives the terminal back whatever happens to the process. */
function openView(
  { grouping, sortKey, reverse, limit, names }: ResolvedOptions,
  about: Omit<ViewSetting, 'limit'>,
  io: Io,
): LiveView {
  const setting = { ...about, limit };
  const job = io.onStop?.(
    () => {
      view.suspend();
    },
    () => {
      view.resume();
    },
  );
  const stop = (): void => {
    view.stop();
  };
  const stopListening = [io.onInterrupt?.(stop), io.onExit?.(stop), job?.stopListening];
  const view = new LiveView(
    io.stdin,
    io.stdout,
    initialState(setting, { grouping, sort: rateSortKey(sortKey), reverse }),
    {
      ...(names ? { names: (onFound: () => void): PeerNames => new PeerNames(onFound) } : {}),
      stopProcess: job?.stopProcess,
    },
  );
  void view.ended.then(() => {
    for (const end of stopListening) end?.();
  });
  return view;
}
