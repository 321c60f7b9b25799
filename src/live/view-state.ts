import type { Losses } from '../model/losses.js';
import type { Grouping } from '../model/grouping.js';
import { withNames } from '../names/with-names.js';
import { groupRates, orderRates, type FlowRate, type RateSortKey } from '../model/rates.js';

/** A terminal's size in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** One interval, as the live view shows it. */
export interface ViewedInterval {
  /** One a host flow, not grouped. */
  flows: readonly FlowRate[];
  /** How long the interval was, by the clock. */
  seconds: number;
  /** Since the start. */
  elapsedSeconds: number;
  losses: Losses;
}

/** Where the numbers come from, which an interval can decide. */
export interface ViewedBasis {
  /** For people: `conntrack events`, … */
  source: string;
  /** What the user should know, and what explains that nothing is shown. */
  remarks: readonly string[];
}

/** What nothing that the user does changes while the live view runs. */
export interface ViewSetting extends ViewedBasis {
  /** The interval asked for. */
  intervalSeconds: number;
  /** The flags that choose flows, as the user gave them; empty if none. */
  selection: string;
  /** How many rows at most; 0 for all. */
  limit: number;
}

/** Everything that the live view depends on. */
export interface ViewState {
  setting: ViewSetting;
  sort: RateSortKey;
  reverse: boolean;
  grouping: Grouping;
  /** What the rows must contain; empty lets everything through. */
  filter: string;
  isTyping: boolean;
  isPaused: boolean;
  isHelpShown: boolean;
  /** Whether names are left out. */
  isNumeric: boolean;
  /** Whether the user wants out. */
  isDone: boolean;
  /** The first row shown. */
  top: number;
  /** Names of peers by their addresses, as far as known. */
  names: ReadonlyMap<string, string>;
  /** The interval on the screen; undefined until the first ends. */
  shown: ViewedInterval | undefined;
  /** The newest interval, which a paused view does not show yet. */
  latest: ViewedInterval | undefined;
  /** The flows of the shown interval: filtered, grouped and in order. Derived by {@link withRows}. */
  rows: readonly FlowRate[];
  /** Those of them that the limit leaves. Derived as well. */
  listed: readonly FlowRate[];
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

/** The state after an interval has ended, and with what is known by then of where its numbers come from. */
export function withInterval(state: ViewState, interval: ViewedInterval, basis?: ViewedBasis): ViewState {
  const informed = { ...state, setting: { ...state.setting, ...basis }, latest: interval };
  return state.isPaused ? informed : withRows({ ...informed, shown: interval });
}

/** The state with its rows made anew, after a change of what they depend on. */
export function withRows(state: ViewState): ViewState {
  const { setting, shown, filter, grouping, sort, reverse } = state;
  if (shown === undefined) return state;
  const words = filter.toLowerCase().split(' ').filter(Boolean);
  const names = state.isNumeric ? new Map<string, string>() : state.names;
  const flows = withNames(shown.flows, names).filter((flow) => words.every((word) => contains(flow, word)));
  // Where several peers are put together the name of the first must not stand for all, so grouping drops names.
  const groups = withNames(groupRates(flows, grouping, shown.seconds), names);
  const rows = orderRates(groups, sort, reverse);
  return { ...state, rows, listed: setting.limit === 0 ? rows : rows.slice(0, setting.limit) };
}

function contains({ direction, protocol, local, peer }: FlowRate, word: string): boolean {
  const texts = [peer.addr, peer.name ?? '', peer.port, local.port, protocol, direction];
  return texts.some((text) => text.toLowerCase().includes(word));
}
