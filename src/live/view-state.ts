import { withName } from '../model/flow-list.js';
import type { FlowRow } from '../model/flow-row.js';
import { groupRows, type Grouping } from '../model/grouping.js';
import type { Losses } from '../model/losses.js';
import type { Traffic } from '../model/traffic.js';
import { orderViewed, type ViewSortKey } from './view-order.js';

/** A terminal's size in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** One interval, as the live view shows it. */
export interface ViewedInterval {
  /** Every flow that is remembered, not grouped. */
  rows: readonly FlowRow[];
  /** The traffic of flows that are not remembered any more; null if there is none. */
  departed: Traffic | null;
  /** The length of the interval, by the clock. */
  seconds: number;
  /** Since the start. */
  elapsedSeconds: number;
  losses: Losses;
}

/** The source of the numbers, which an interval can decide. */
export interface ViewedBasis {
  /** For people: `conntrack events`, … */
  source: string;
  /** Facts that the user should know, and that explain an empty view. */
  remarks: readonly string[];
}

/** The facts that the user cannot change while the live view runs. */
export interface ViewSetting extends ViewedBasis {
  /** The requested interval. */
  intervalSeconds: number;
  /** The flags that choose flows, as the user gave them; empty if none. */
  selection: string;
  /** The most rows; 0 for all. */
  limit: number;
}

/** Everything that the live view depends on. */
export interface ViewState {
  setting: ViewSetting;
  sort: ViewSortKey;
  reverse: boolean;
  grouping: Grouping;
  /** Words that the rows must contain; empty lets everything through. */
  filter: string;
  isTyping: boolean;
  isPaused: boolean;
  isHelpShown: boolean;
  /** True if names are left out. */
  isNumeric: boolean;
  /** True if the user wants out. */
  isDone: boolean;
  /** The first row shown. */
  top: number;
  /** Names of peers by their addresses, as far as known. */
  names: ReadonlyMap<string, string>;
  /** The interval on the screen; undefined until the first ends. */
  shown: ViewedInterval | undefined;
  /** The newest interval, which a paused view does not show yet. */
  latest: ViewedInterval | undefined;
  /** The rows of the shown interval: filtered, grouped and in order. Derived by {@link withRows}. */
  rows: readonly FlowRow[];
  /** The rows that the limit leaves. Derived as well. */
  listed: readonly FlowRow[];
}

/** The state before the first interval. */
export function initialState(
  setting: ViewSetting,
  { sort = 'rate', reverse = false, grouping = 'flow' }: Partial<ViewState> = {},
): ViewState {
  return {
    setting,
    sort,
    reverse,
    grouping,
    filter: '',
    isTyping: false,
    isPaused: false,
    isHelpShown: false,
    isNumeric: false,
    isDone: false,
    top: 0,
    names: new Map(),
    shown: undefined,
    latest: undefined,
    rows: [],
    listed: [],
  };
}

/** The state after an interval has ended, with the facts about its source that are known by then. */
export function withInterval(state: ViewState, interval: ViewedInterval, basis?: ViewedBasis): ViewState {
  const informed = { ...state, setting: { ...state.setting, ...basis }, latest: interval };
  return state.isPaused ? informed : withRows({ ...informed, shown: interval });
}

/** The state with its rows made anew, after a change of anything they depend on. */
export function withRows(state: ViewState): ViewState {
  const { setting, shown, filter, grouping, sort, reverse } = state;
  if (shown === undefined) return state;
  const words = filter.toLowerCase().split(' ').filter(Boolean);
  const names = state.isNumeric ? new Map<string, string>() : state.names;
  const named = (row: FlowRow): FlowRow => withName(row, names);
  const matching = shown.rows.map(named).filter((row) => words.every((word) => contains(row, word)));
  const rows = orderViewed(groupRows(matching, grouping, shown.seconds).map(named), sort, reverse);
  return { ...state, rows, listed: setting.limit === 0 ? rows : rows.slice(0, setting.limit) };
}

function contains({ key: { direction, protocol, local, peer }, name = '' }: FlowRow, word: string): boolean {
  const texts = [peer.addr, name, peer.port, local.port, protocol, direction];
  return texts.some((text) => text.toLowerCase().includes(word));
}
