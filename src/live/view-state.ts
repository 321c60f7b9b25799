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
  /** Every remembered flow, not grouped. */
  rows: readonly FlowRow[];
  /** The traffic of forgotten flows; null if there is none. */
  departed: Traffic | null;
  /** The measured length of the interval. */
  seconds: number;
  /** The time since the start. */
  elapsedSeconds: number;
  losses: Losses;
}

/** The source of the numbers. It can be decided after the start, by an interval. */
export interface ViewedBasis {
  /** The name of the source for people, such as `conntrack events`. */
  source: string;
  /** Facts that the user should know. They can explain an empty view. */
  remarks: readonly string[];
}

/** The settings that the user cannot change while the live view runs. */
export interface ViewSetting extends ViewedBasis {
  /** The requested interval. */
  intervalSeconds: number;
  /** The flags that choose flows, as the user gave them; empty if there are none. */
  selection: string;
  /** The largest number of rows; 0 means all. */
  limit: number;
}

/** Everything that the live view depends on. */
export interface ViewState {
  setting: ViewSetting;
  sort: ViewSortKey;
  reverse: boolean;
  grouping: Grouping;
  /** Words that a row must contain. An empty filter lets everything through. */
  filter: string;
  isTyping: boolean;
  isPaused: boolean;
  isHelpShown: boolean;
  /** True if peers are shown without names. */
  isNumeric: boolean;
  /** True if the user has quit. */
  isDone: boolean;
  /** The index of the first row on the screen. */
  top: number;
  /** The known names of peers, by address. */
  names: ReadonlyMap<string, string>;
  /** The interval on the screen; undefined until the first ends. */
  shown: ViewedInterval | undefined;
  /** The newest interval. A paused view does not show it yet. */
  latest: ViewedInterval | undefined;
  /** The rows of the shown interval: filtered, grouped and ordered. {@link withRows} derives them. */
  rows: readonly FlowRow[];
  /** The rows within the limit. They are derived too. */
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

/** The state after an interval. @param basis the facts about the source that are known by then */
export function withInterval(state: ViewState, interval: ViewedInterval, basis?: ViewedBasis): ViewState {
  const informed = { ...state, setting: { ...state.setting, ...basis }, latest: interval };
  return state.isPaused ? informed : withRows({ ...informed, shown: interval });
}

/** The state with its rows derived anew, after a change of anything they depend on. */
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
