import { intervalsOf, openIntervals } from '../library/account.js';
import { arrange } from '../library/arrange.js';
import { resolveSnapshotOptions, type ResolvedOptions } from '../library/options.js';
import { LiveView } from '../live/live-view.js';
import { PeerNames } from '../live/peer-names.js';
import { viewSortKey } from '../live/view-order.js';
import { initialState, type ViewedBasis, type ViewSetting } from '../live/view-state.js';
import { describeDiagnostic } from '../model/diagnostics.js';
import { EXIT, HostflowError, spell } from '../model/errors.js';
import { limitRows } from '../model/flow-list.js';
import type { Interval } from '../model/interval.js';
import { ACCOUNT_SOURCES, describeLosses } from '../model/losses.js';
import { renderRecords, type RecordedInterval, type RecordFormat } from '../render/records.js';
import type { AccountBasis } from '../sources/opened-account.js';
import { openEventText } from '../sources/open-account.js';
import { commandPrefix } from '../sources/source-options.js';
import {
  flagOf,
  presentation,
  remark,
  remarkerOfNew,
  remarkNotices,
  snapshotOptions,
  type Flags,
} from './flags.js';
import { eventInput, newMalformedEvents, type EventInput } from './event-text.js';
import { writeAll, type Io } from './io.js';
import { MemoryReturn } from './memory-return.js';
import { selectionText } from './selection.js';
import { parseDuration } from './until.js';

/** The flags of `hostflow watch`. */
export interface WatchFlags extends Flags {
  interval: string;
}

/** Reading a table takes time: shorter intervals would measure mostly that. */
const LEAST_INTERVAL_MILLISECONDS = 100;

/** `hostflow watch`. @returns the exit code */
export async function watchHostFlows(flags: WatchFlags, io: Io): Promise<number> {
  const seconds = parseDuration('--interval', flags.interval, LEAST_INTERVAL_MILLISECONDS) / 1000;
  const { format } = presentation(flags, io.stdout);
  const { stdin: _, input: __, ...others } = flags;
  const options = resolveSnapshotOptions(snapshotOptions(others, io, flags.limit ?? 0));
  const recordFormat: RecordFormat = format === 'csv' ? 'csv' : 'ndjson';
  const text = eventInput(flags, io);
  const isLive =
    text === undefined && format === 'table' && io.stdout.isTTY === true && io.stdin.isTTY === true;
  if (flags.format === 'json')
    throw new HostflowError(
      'usage',
      '--format json is one document, but watch prints records; give --format ndjson',
    );
  if (flags.format === 'table' && !isLive)
    throw new HostflowError(
      'usage',
      '--format table needs a terminal and a live host; give --format ndjson or --format csv',
    );
  if (text !== undefined) {
    await recordEventText(options, seconds, recordFormat, text, io);
    return EXIT.done;
  }
  if (isLive) return await showLive(options, seconds, selectionText(flags), io);
  // A pipe gets records, as an endless table is of no use there.
  await recordHost(options, seconds, recordFormat, io);
  return EXIT.done;
}

async function recordHost(
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
    remarkNew(basis.diagnostics);
    const isReaderGone = await io.openReaderProbe?.();
    const reported = reporting(whileRead(intervals, isReaderGone), basis, io, {
      remarkNew,
      enter: commandPrefix(options),
    });
    await writeAll(io.stdout, renderRecords(format, recorded(reported, options)));
  } finally {
    stopListening?.();
  }
}

/** The intervals until the reader of the records has gone. */
async function* whileRead(
  intervals: AsyncIterable<Interval>,
  isReaderGone: () => boolean = () => false,
): AsyncGenerator<Interval, void, void> {
  for await (const interval of intervals) {
    if (isReaderGone()) return;
    yield interval;
  }
}

/** Records the connections that end, from the text of `conntrack -E`. */
async function recordEventText(
  options: ResolvedOptions,
  seconds: number,
  format: RecordFormat,
  text: EventInput,
  io: Io,
): Promise<void> {
  const malformed = newMalformedEvents(options.strict);
  const ending = new AbortController();
  // conntrack gets the same Ctrl-C, and the records of the open interval still come.
  const stopListening = io.onInterrupt?.(() => {
    ending.abort();
  });
  try {
    const { account, basis } = await openEventText(options, text.open(), malformed);
    const all = intervalsOf(account, options, seconds, ending.signal, basis);
    const intervals = text.isStored ? withoutRates(all) : all;
    await writeAll(io.stdout, renderRecords(format, recorded(intervals, options)));
    remarkNotices(io, [...basis.diagnostics, ...malformed.diagnostics()], false);
  } finally {
    stopListening?.();
  }
}

/** The intervals without rates: how fast a stored text is read tells nothing. */
async function* withoutRates(intervals: AsyncIterable<Interval>): AsyncGenerator<Interval, void, void> {
  for await (const interval of intervals) {
    for (const row of interval.rows) row.rate = null;
    yield interval;
  }
}

/** The intervals; new notices and new losses are reported on the way. */
async function* reporting(
  intervals: AsyncIterable<Interval>,
  basis: AccountBasis,
  io: Io,
  { remarkNew, enter }: { remarkNew: ReturnType<typeof remarkerOfNew>; enter: string },
): AsyncGenerator<Interval, void, void> {
  let reported = '';
  const memory = new MemoryReturn();
  for await (const interval of intervals) {
    memory.note(interval.rows.length, interval.seconds);
    remarkNew(interval.notices);
    const lines = describeLosses(interval.losses, basis.source, enter);
    const text = lines.join('\n');
    if (text !== reported) for (const line of lines) remark(io, `hostflow: ${line}`);
    reported = text;
    yield interval;
  }
}

/** The intervals as they are recorded: grouped, in order and limited. */
async function* recorded(
  intervals: AsyncIterable<Interval>,
  options: ResolvedOptions,
): AsyncGenerator<RecordedInterval, void, void> {
  for await (const { start, seconds, rows } of intervals) {
    const ordered = arrange(rows, options, 'delta', seconds);
    const record: RecordedInterval = { start, seconds, rows: limitRows(ordered, options.limit) };
    yield record;
    // It has been printed. A generator that V8 has optimized keeps what it no longer needs, here the rows of a burst of peers.
    record.rows = [];
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
      'usage',
      'the live view cannot be drawn on this terminal (TERM=dumb); give --format ndjson or --format csv',
    );
  }
  const ending = new AbortController();
  // Opened before the screen is taken: a failure then stays visible.
  const { intervals, basis } = await openIntervals(options, intervalSeconds, ending.signal);
  const view = openView(options, { intervalSeconds, selection, ...viewedBasis(basis) }, io);
  void view.ended.then(() => {
    ending.abort();
  });
  try {
    const memory = new MemoryReturn();
    for await (const interval of intervals) {
      memory.note(interval.rows.length, interval.seconds);
      if (ending.signal.aborted) break;
      view.update(interval, viewedBasis(basis));
    }
  } finally {
    view.stop();
  }
  return EXIT.done;
}

function viewedBasis({ source, diagnostics }: AccountBasis): ViewedBasis {
  return {
    source: ACCOUNT_SOURCES[source],
    remarks: diagnostics.map((notice) => spell(describeDiagnostic(notice), flagOf)),
  };
}

/** Opens the view. It restores the terminal however the process ends. */
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
    initialState(setting, { grouping, sort: viewSortKey(sortKey), reverse }),
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
