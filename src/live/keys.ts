import { GROUPINGS } from '../model/grouping.js';
import { VIEW_SORT_KEYS, type ViewSortKey } from './view-order.js';
import { pageHeight } from './screen.js';
import { withRows, type TerminalSize, type ViewState } from './view-state.js';

/** The keys that type no character. */
export const NAMED_KEYS = [
  'up',
  'down',
  'pageup',
  'pagedown',
  'home',
  'end',
  'enter',
  'escape',
  'backspace',
  'ctrl-c',
  'ctrl-z',
] as const;

/** One of {@link NAMED_KEYS}, or the typed character. */
export type Key = (typeof NAMED_KEYS)[number] | (string & {});

/** The state after a key. @param size the terminal's size, which is the length of a page */
export function pressKey(state: ViewState, key: Key, size: TerminalSize): ViewState {
  if (key === 'ctrl-c') return { ...state, isDone: true };
  if (state.isTyping) return typeFilter(state, key);
  const command = commands.get(key);
  if (command !== undefined) return command(state);
  const digit = VIEW_SORT_KEYS[Number(key) - 1];
  if (digit !== undefined) return sortBy(state, digit);
  return scroll(state, key, size);
}

type Command = (state: ViewState) => ViewState;

const pause: Command = (state) =>
  state.isPaused
    ? withRows({ ...state, isPaused: false, shown: state.latest })
    : { ...state, isPaused: true };
const toggleHelp: Command = (state) => ({ ...state, isHelpShown: !state.isHelpShown });

const commands: ReadonlyMap<Key, Command> = new Map<Key, Command>([
  ['q', (state) => ({ ...state, isDone: true })],
  ['s', (state) => sortBy(state, after(VIEW_SORT_KEYS, state.sort))],
  ['r', (state) => withRows({ ...state, reverse: !state.reverse, top: 0 })],
  ['g', (state) => withRows({ ...state, grouping: after(GROUPINGS, state.grouping), top: 0 })],
  ['/', (state) => ({ ...state, isTyping: true, isHelpShown: false })],
  ['p', pause],
  [' ', pause],
  ['n', (state) => withRows({ ...state, isNumeric: !state.isNumeric })],
  ['?', toggleHelp],
  ['h', toggleHelp],
  // Escape closes the help before it clears the filter.
  ['escape', (state) => (state.isHelpShown ? toggleHelp(state) : filterBy(state, ''))],
]);

function sortBy(state: ViewState, sort: ViewSortKey): ViewState {
  return withRows({ ...state, sort, top: 0 });
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}

function filterBy(state: ViewState, filter: string): ViewState {
  return filter === state.filter ? state : withRows({ ...state, filter, top: 0 });
}

function typeFilter(state: ViewState, key: Key): ViewState {
  switch (key) {
    case 'enter':
      return { ...state, isTyping: false };
    case 'escape':
      return filterBy({ ...state, isTyping: false }, '');
    case 'backspace':
      return filterBy(state, Array.from(state.filter).slice(0, -1).join(''));
    default:
      return isCharacter(key) ? filterBy(state, state.filter + key) : state;
  }
}

function isCharacter(key: Key): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]$/u.test(key);
}

function scroll(state: ViewState, key: Key, size: TerminalSize): ViewState {
  const page = pageHeight(state, size);
  const last = Math.max(0, state.listed.length - page);
  const from = Math.min(state.top, last);
  const targets: Partial<Record<Key, number>> = {
    up: from - 1,
    k: from - 1,
    down: from + 1,
    j: from + 1,
    pageup: from - page,
    pagedown: from + page,
    home: 0,
    end: last,
  };
  const target = targets[key];
  return target === undefined ? state : { ...state, top: Math.max(0, Math.min(last, target)) };
}
