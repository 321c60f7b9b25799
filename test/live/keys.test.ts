import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GROUPINGS } from '../../src/model/grouping.js';
import { NAMED_KEYS, pressKey, type Key } from '../../src/live/keys.js';
import { pageHeight, screenLines } from '../../src/live/screen.js';
import { VIEW_SORT_KEYS } from '../../src/live/view-order.js';
import { initialState, withInterval, withRows, type ViewState } from '../../src/live/view-state.js';
import { NAMES, SETTING, syntheticInterval } from '../support/synthetic-flows.js';

const size = { columns: 80, rows: 24 };

function started(count: number): ViewState {
  return withInterval({ ...initialState(SETTING), names: NAMES }, syntheticInterval(count, 2));
}

function press(state: ViewState, ...keys: Key[]): ViewState {
  return keys.reduce((before, key) => pressKey(before, key, size), state);
}

test('s and g go round, digits choose, r turns round', () => {
  const state = started(30);
  const sorts = VIEW_SORT_KEYS.map((_, index) => press(state, ...Array<Key>(index).fill('s')).sort);
  assert.deepEqual(sorts, VIEW_SORT_KEYS);
  assert.equal(press(state, ...VIEW_SORT_KEYS.map(() => 's')).sort, 'rate');
  assert.deepEqual(
    VIEW_SORT_KEYS.map((_, index) => press(state, String(index + 1)).sort),
    VIEW_SORT_KEYS,
  );
  const groupings = GROUPINGS.map((_, index) => press(state, ...Array<Key>(index).fill('g')).grouping);
  assert.deepEqual(groupings, GROUPINGS);
  assert.deepEqual(press(state, 'r').rows, [...state.rows].reverse());
});

test('the filter applies while it is typed; Enter keeps it, Escape clears it', () => {
  const state = started(30);
  const typed = press(state, '/', 'P', 'A', 'S', 's');
  assert.ok(typed.isTyping);
  assert.ok(typed.rows.length > 0 && typed.rows.every(({ key }) => key.direction === 'passive'));
  const kept = press(typed, 'enter');
  assert.deepEqual([kept.isTyping, kept.filter], [false, 'PASs']);
  for (const cleared of [press(typed, 'escape'), press(kept, 'escape')]) {
    assert.deepEqual([cleared.isTyping, cleared.filter, cleared.rows], [false, '', state.rows]);
  }
  assert.equal(press(typed, 'backspace').filter, 'PAS');
  assert.equal(press(typed, 'q', ' ', 'up').filter, 'PASsq ', 'commands are text while typing');
});

test('the filter finds peers, names, ports, protocols; all words must match', () => {
  const find = (text: string): string[] =>
    press(started(30), '/', ...Array.from(text), 'enter').rows.map(({ key }) => key.peer.addr);
  assert.deepEqual(find('mirror'), ['198.51.100.0']);
  assert.deepEqual(find('198.51.100.2 udp dns'), ['198.51.100.2']);
  assert.ok(find('2001:db8').length > 0);
  assert.ok(find('5432').length > 0);
  assert.deepEqual(find('absent'), []);
});

test('n takes the names off and brings them back', () => {
  const state = started(3);
  assert.deepEqual(
    press(state, 'n').rows.map(({ name }) => name),
    [undefined, undefined, undefined],
  );
  assert.deepEqual(press(state, 'n', 'n').rows, state.rows);
});

test('the limit leaves the first rows, and what there is to scroll; the sums are of all', () => {
  const all = started(100);
  const limited = withRows({ ...all, setting: { ...SETTING, limit: 30 } });
  assert.deepEqual(limited.listed, all.rows.slice(0, 30));
  assert.deepEqual(limited.rows, all.rows);
  assert.equal(press(limited, 'end').top, 30 - pageHeight(limited, size));
  const lines = (state: ViewState): string[] => screenLines(state, size).map(({ text }) => text);
  assert.deepEqual(lines(limited)[1], lines(all)[1]);
  assert.match(lines(limited).join('\n'), /\n30 of 100 host flows[^]* 1-\d+ of 30$/);
});

test('paused, the rows stay; going on shows the newest interval', () => {
  const paused = press(started(5), 'p');
  const later = withInterval(paused, syntheticInterval(6, 3));
  assert.deepEqual(later.rows, paused.rows);
  assert.equal(press(later, ' ').rows.length, 6);
  assert.equal(press(later, 'g').rows.length > 0, true);
});

test('help opens, and Escape closes it before it clears the filter', () => {
  const help = press(started(5), '/', 't', 'enter', '?');
  assert.ok(help.isHelpShown);
  assert.match(
    screenLines(help, size)
      .map(({ text }) => text)
      .join('\n'),
    /close this help/,
  );
  const closed = press(help, 'escape');
  assert.deepEqual([closed.isHelpShown, closed.filter], [false, 't']);
});

test('q and Ctrl-C end it, Ctrl-C while typing too', () => {
  assert.ok(press(started(1), 'q').isDone);
  assert.ok(press(started(1), '/', 'ctrl-c').isDone);
});

test('scrolling goes from the first row to the last and not beyond', () => {
  const state = started(100);
  const page = pageHeight(state, size);
  assert.equal(press(state, 'up').top, 0);
  assert.equal(press(state, 'down', 'down', 'k').top, 1);
  assert.equal(press(state, 'pagedown').top, page);
  assert.equal(press(state, 'end').top, 100 - page);
  assert.equal(press(state, 'end', 'j').top, 100 - page);
  assert.equal(press(state, 'end', 'home').top, 0);
});

test('any keys: the derived rows are what the state says, and the first row is one of them', () => {
  const keys = fc.array(
    fc.oneof(fc.constantFrom<Key>(...NAMED_KEYS), fc.constantFrom(...Array.from('sgrpn/?q1t57 '))),
  );
  fc.assert(
    fc.property(keys, fc.nat(40), (pressed, count) => {
      const state = press(started(count), ...pressed);
      assert.deepEqual(state.rows, withRows(state).rows);
      assert.ok(state.top === 0 || state.top < state.rows.length);
    }),
  );
});
