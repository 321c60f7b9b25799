import type { Counter } from '../../parsers/counter.js';
import { GROUPINGS } from '../model/grouping.js';
import { missingTraffic } from '../model/losses.js';
import { sanitizeText } from '../model/sanitize.js';
import { perSecond, sumTraffic } from '../model/traffic.js';
import { humanSize } from '../render/human-size.js';
import { textWidth, wrapText } from '../render/wrap-text.js';
import { cutEnd, pad, tightSize } from './fit-text.js';
import { flowLines } from './flow-lines.js';
import { VIEW_SORT_KEYS } from './view-order.js';
import type { TerminalSize, ViewState } from './view-state.js';

/** The emphasis of a line. */
export type LineStyle = 'plain' | 'bold' | 'inverse';

/** One line of the screen. */
export interface ScreenLine {
  text: string;
  style: LineStyle;
}

/** From this height on, there is room for the title. */
const ROWS_FOR_TITLE = 8;
/** Below this height only the last line reports losses. */
const ROWS_FOR_LOSSES = 6;
const ROWS_FOR_MORE_LOSSES = 16;
/** From this height on, there is room for remarks about the source. Below it the title alone names the source. */
const ROWS_FOR_REMARKS = 20;
const MOST_REMARK_LINES = 3;
/** Below this height they get one line, and the help has the rest. */
const ROWS_FOR_WHOLE_REMARKS = 24;

/** The whole screen: at most `rows` lines, none wider than `columns`. */
export function screenLines(state: ViewState, size: TerminalSize): ScreenLine[] {
  const { columns, rows } = size;
  const top = headerLines(state, size);
  const height = pageHeight(state, size);
  const middle = state.isHelpShown ? plain(helpLines(state, columns)) : bodyLines(state, columns, height);
  const lines = [...top, ...middle].slice(0, Math.max(0, rows - 1));
  while (lines.length < rows - 1) lines.push({ text: '', style: 'plain' });
  lines.push({ text: bottomLine(state, size, height), style: 'inverse' });
  return lines.map(({ text, style }) => ({ text: cutEnd(sanitizeText(text), columns), style }));
}

/** The addresses of the peers on the screen. */
export function peersOnScreen(state: ViewState, size: TerminalSize): string[] {
  return rowsOnScreen(state, pageHeight(state, size)).map(({ key }) => key.peer.addr);
}

/** The number of rows that fit. */
export function pageHeight(state: ViewState, size: TerminalSize): number {
  const headings = 1;
  const keys = 1;
  return Math.max(1, size.rows - headerLines(state, size).length - headings - keys);
}

function plain(texts: readonly string[]): ScreenLine[] {
  return texts.map((text) => ({ text, style: 'plain' }));
}

function headerLines(state: ViewState, { columns, rows }: TerminalSize): ScreenLine[] {
  const isShort = rows < ROWS_FOR_TITLE;
  const lines: ScreenLine[] = [];
  if (!isShort) lines.push({ text: titleLine(state, columns), style: 'plain' });
  lines.push({ text: sumLine(state, columns), style: 'bold' });
  const missing = losses(state);
  if (missing.length > 0 && rows >= ROWS_FOR_LOSSES) {
    lines.push(...plain(packSentences(missing, columns, rows >= ROWS_FOR_MORE_LOSSES ? 3 : 1)));
  }
  // Without rows the remarks stand in the body, as they explain why.
  if (rows >= ROWS_FOR_REMARKS && state.rows.length > 0) {
    lines.push(...plain(remarkLines(state.setting.remarks, { columns, rows })));
  }
  if (!isShort) lines.push({ text: viewLine(state), style: 'plain' });
  return lines;
}

/** The remarks, or where there is little room, what the first says before it goes into detail. */
function remarkLines(remarks: readonly string[], { columns, rows }: TerminalSize): string[] {
  if (rows >= ROWS_FOR_WHOLE_REMARKS) return wrapped(remarks, columns).slice(0, MOST_REMARK_LINES);
  const [fact, ...details] = remarks.join('; ').split('; ');
  if (fact === undefined || fact === '') return [];
  const more = '; more: ?';
  return [details.length === 0 ? fact : cutEnd(fact, columns - textWidth(more)) + more];
}

function helpLines({ setting }: ViewState, columns: number): string[] {
  return [
    ...HELP,
    ...wrapped(setting.remarks, columns).map((line, index) => (index === 0 ? `\n${line}` : line)),
  ]
    .join('\n')
    .split('\n');
}

function wrapped(texts: readonly string[], columns: number): string[] {
  return texts.flatMap((text) => wrapText(text, columns).split('\n'));
}

function losses({ shown }: ViewState): string[] {
  return shown === undefined ? [] : missingTraffic(shown.losses);
}

/** Shows the real interval once it is this many times the requested one. */
const SLOW = 1.5;

/** The command, its source and its duration; `PAUSED` on the right. */
function titleLine({ setting, shown, isPaused }: ViewState, columns: number): string {
  const { intervalSeconds, source } = setting;
  const seconds = shown?.seconds ?? 0;
  // A big table is read less often than requested.
  const isSlow = seconds > SLOW * intervalSeconds;
  const every = isSlow
    ? `${Math.round(seconds)} s (requested: ${intervalSeconds} s)`
    : `${intervalSeconds} s`;
  const parts = ['hostflow watch', `every ${every}`, source];
  if (shown !== undefined) parts.push(`for ${duration(shown.elapsedSeconds)}`);
  const text = sanitizeText(parts.join('  '));
  if (!isPaused) return text;
  const room = columns - 'PAUSED'.length - 1;
  return room < 1 ? 'PAUSED' : `${pad(cutEnd(text, room), room, 'left')} PAUSED`;
}

/** Writes a duration: `1:05`, `2:01:05`, `3 d 2:01:05`. */
function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const twoDigits = (value: number): string => String(value % 60).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60);
  if (hours === 0) return `${minutes}:${twoDigits(whole)}`;
  const days = hours < 24 ? '' : `${Math.floor(hours / 24)} d `;
  return `${days}${hours % 24}:${twoDigits(minutes)}:${twoDigits(whole)}`;
}

/** The sums of the rows, in the longest form that fits. */
function sumLine({ rows, shown, filter }: ViewState, columns: number): string {
  // The total includes flows that have left the screen. With a filter it cannot, as nothing tells if they would match.
  const departed = filter === '' ? shown?.departed : null;
  const total = sumTraffic([...rows.map((row) => row.total), departed]);
  const delta = sumTraffic(rows.map((row) => row.delta));
  const rate = delta && perSecond(delta, shown?.seconds ?? 0);
  const known = (bytes: Counter | undefined): string =>
    bytes === undefined ? '-' : humanSize(typeof bytes === 'number' ? Math.round(bytes) : bytes);
  const [inRate, outRate] = [known(rate?.inbound.bytes), known(rate?.outbound.bytes)];
  const [inTotal, outTotal] = [known(total?.inbound.bytes), known(total?.outbound.bytes)];
  const forms = [
    `In ${inRate}/s  Out ${outRate}/s  Total in ${inTotal}  out ${outTotal}`,
    `In ${inRate}/s (${inTotal})  Out ${outRate}/s (${outTotal})`,
    `In ${inRate}/s  Out ${outRate}/s`,
    tightSize(`${inRate}/s ${outRate}/s`),
  ];
  return forms.find((form) => textWidth(form) <= columns) ?? forms.at(-1) ?? '';
}

/** The number of rows, their order and their selection. */
function viewLine({ setting, grouping, sort, reverse, filter, rows, listed }: ViewState): string {
  const what = grouping === 'flow' ? 'host flow' : grouping;
  const limited = listed.length < rows.length ? `${listed.length} of ` : '';
  const parts = [
    `${limited}${rows.length} ${rows.length === 1 ? what : `${what}s`}`,
    `by ${sort}${reverse ? ', reversed' : ''}`,
  ];
  if (filter !== '') parts.push(`filter "${filter}"`);
  if (setting.selection !== '') parts.push(setting.selection);
  return parts.join('  ');
}

/** Packs the sentences into lines. The last line is too long if there is no room for all; it is cut later. */
function packSentences(sentences: readonly string[], columns: number, most: number): string[] {
  const lines: string[] = [];
  for (const sentence of sentences) {
    const last = lines.at(-1);
    const joined = `${last ?? ''}; ${sentence}`;
    const isFull = lines.length >= most;
    if (last !== undefined && (isFull || textWidth(joined) <= columns)) lines[lines.length - 1] = joined;
    else lines.push(last === undefined ? `May be missing: ${sentence}` : sentence);
  }
  return lines;
}

function bodyLines(state: ViewState, columns: number, height: number): ScreenLine[] {
  if (state.rows.length === 0) return plain(['', ...wrapped(emptyState(state), columns)]);
  const sources = new Set(state.rows.map(({ source }) => source));
  const shown = rowsOnScreen(state, height);
  const [heading = '', ...lines] = flowLines(shown, columns, state.sort, sources.size > 1);
  return [{ text: heading, style: 'bold' }, ...plain(lines)];
}

function rowsOnScreen(state: ViewState, height: number): ViewState['listed'] {
  const from = firstRow(state, height);
  return state.listed.slice(from, from + height);
}

function firstRow({ listed, top }: ViewState, height: number): number {
  return Math.max(0, Math.min(top, listed.length - height));
}

/** The reason for an empty view, and the remedy. */
function emptyState({ setting, shown, filter }: ViewState): string[] {
  if (shown === undefined) {
    return [`Measuring: the first numbers come after ${setting.intervalSeconds} s.`, ...setting.remarks];
  }
  if (filter !== '' && shown.rows.length > 0) {
    return [`None of ${shown.rows.length} host flows matches "${filter}".`, 'Escape clears the filter.'];
  }
  if (setting.selection !== '') {
    return [
      `No host flow matches ${setting.selection} yet.`,
      'Wait for traffic, or quit (q) and start again with fewer flags.',
      ...setting.remarks,
    ];
  }
  return ['No connections yet. They appear as soon as there is traffic.', ...setting.remarks];
}

const HELP: readonly string[] = [
  '',
  `s       order: ${VIEW_SORT_KEYS.join(', ')} (or 1 to ${VIEW_SORT_KEYS.length})`,
  'r       reverse the order',
  `g       group by ${GROUPINGS.join(', ')}`,
  '/       filter by peer, name, port, protocol, direction',
  'Esc     clear the filter',
  'n       show or hide the names of peers',
  'p       pause or resume the view (counting never pauses)',
  '↑ ↓     scroll; also PgUp, PgDn, Home, End, j, k',
  'q       quit; also Ctrl-C (Ctrl-Z suspends, fg resumes)',
  '?       close this help',
];

const KEYS: readonly string[] = ['q quit', '? help', 's sort', 'g group', '/ filter', 'p pause', 'r reverse'];

function bottomLine(state: ViewState, { columns, rows }: TerminalSize, height: number): string {
  if (state.isTyping) return typingLine(state.filter, columns);
  const from = firstRow(state, height);
  const { length } = state.listed;
  const to = Math.min(from + height, length);
  const isAll = state.isHelpShown || (from === 0 && to === length);
  const position = isAll ? '' : `${from + 1}-${to} of ${length}`;
  const hints = state.isPaused ? KEYS.map((text) => text.replace('pause', 'resume')) : KEYS;
  // Alerts come first. They stand here if the header has no room for them.
  const alerts: string[] = [];
  if (rows < ROWS_FOR_TITLE && state.isPaused) alerts.push('PAUSED');
  if (rows < ROWS_FOR_LOSSES && losses(state).length > 0) alerts.push('LOSSES');
  let left = '';
  for (const item of [...alerts, ...hints]) {
    const longer = left === '' ? item : `${left}  ${item}`;
    const room = position === '' || alerts.includes(item) ? columns : columns - position.length - 2;
    if (longer.length > room) break;
    left = longer;
  }
  const right = left.length + position.length < columns ? position : '';
  return left.padEnd(Math.max(0, columns - right.length)) + right;
}

/** The filter while it is typed. If it is too long, its end stays visible. */
function typingLine(filter: string, columns: number): string {
  const help = '  (Enter keeps, Esc clears)';
  let typed = sanitizeText(filter);
  while (textWidth(typed) > Math.max(1, columns - 2)) typed = Array.from(typed).slice(1).join('');
  const line = `/${typed}_`;
  return pad(textWidth(line + help) <= columns ? line + help : line, columns, 'left');
}
