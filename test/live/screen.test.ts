import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GROUPINGS } from '../../src/model/grouping.js';
import { humanSize } from '../../src/render/human-size.js';
import { textWidth } from '../../src/render/wrap-text.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import type { Traffic } from '../../src/model/traffic.js';
import { screenLines } from '../../src/live/screen.js';
import { VIEW_SORT_KEYS } from '../../src/live/view-order.js';
import { initialState, withInterval, withRows, type ViewState } from '../../src/live/view-state.js';
import { arbitraryMeasuredRow, arbitraryTraffic, MEASURED_SECONDS } from '../support/row-arbitrary.js';
import { SETTING, syntheticInterval } from '../support/synthetic-flows.js';

const losses = fc.record({
  endedUnseen: fc.nat(),
  eventLosses: fc.nat(3),
  resynchronisations: fc.nat(3),
  since: fc.constant(undefined),
  unknownConnections: fc.nat(),
  missesShortConnections: fc.boolean(),
});

const arbitraryState: fc.Arbitrary<ViewState> = fc
  .record({
    rows: fc.array(arbitraryMeasuredRow, { maxLength: 60 }),
    departed: fc.option(arbitraryTraffic),
    losses,
    view: fc.record({
      sort: fc.constantFrom(...VIEW_SORT_KEYS),
      grouping: fc.constantFrom(...GROUPINGS),
      reverse: fc.boolean(),
      isPaused: fc.boolean(),
      isTyping: fc.boolean(),
      isHelpShown: fc.boolean(),
      filter: fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 30 })),
      top: fc.nat(100),
    }),
    selection: fc.oneof(fc.constant(''), fc.string({ unit: 'binary' })),
    hasStarted: fc.boolean(),
  })
  .map(({ rows, departed, losses, view, selection, hasStarted }) => {
    const state = { ...initialState({ ...SETTING, selection, remarks: [selection] }), ...view };
    const interval = { rows, departed, seconds: MEASURED_SECONDS, elapsedSeconds: 1e6, losses };
    return hasStarted ? withRows({ ...state, shown: interval, latest: interval }) : state;
  });

const arbitrarySize = fc.record({
  columns: fc.integer({ min: 1, max: 300 }),
  rows: fc.integer({ min: 1, max: 100 }),
});

/** The most columns that a line takes; the ellipsis takes one on every terminal. */
function columnsOf(text: string): number {
  return textWidth(text.replaceAll('…', '.').replaceAll('↑', '.').replaceAll('↓', '.'));
}

function texts(state: ViewState, columns: number, rows: number): string[] {
  return screenLines(state, { columns, rows }).map(({ text }) => text);
}

test('fits any terminal, and nothing from outside acts on it', () => {
  fc.assert(
    fc.property(arbitraryState, arbitrarySize, (state, size) => {
      const lines = screenLines(state, size);
      assert.equal(lines.length, size.rows);
      for (const { text } of lines) {
        assert.ok(columnsOf(text) <= size.columns, `${columnsOf(text)} columns: ${text}`);
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 500 },
  );
});

/** The sizes in the line of sums, as long as it has room. */
function shownSums(state: ViewState): string[] {
  const line = texts(state, 300, 24).find((text) => text.startsWith('In ')) ?? '';
  return (/^In (.*)\/s {2}Out (.*)\/s {2}Total in (.*) {2}out (.*)$/.exec(line) ?? []).slice(1);
}

test('the sums in the header are those of the rows, and without a filter of the flows that have left too', () => {
  fc.assert(
    fc.property(arbitraryState, (any) => {
      const state = { ...any, isPaused: false };
      const departed = state.filter === '' ? (state.shown?.departed ?? null) : null;
      const known = (traffics: readonly (Traffic | null | undefined)[]): Traffic[] =>
        traffics.filter((traffic) => traffic !== null && traffic !== undefined);
      const totals = known([...state.rows.map(({ total }) => total), departed]);
      const deltas = known(state.rows.map(({ delta }) => delta));
      const sum = (traffics: readonly Traffic[], way: keyof Traffic): bigint =>
        traffics.reduce((bytes, traffic) => bytes + BigInt(traffic[way].bytes), 0n);
      const rate = (way: keyof Traffic): string =>
        humanSize(Math.round(Number(sum(deltas, way)) / MEASURED_SECONDS));
      const total = (way: keyof Traffic): string => humanSize(sum(totals, way));
      assert.deepEqual(shownSums(state), [
        ...(deltas.length === 0 ? ['-', '-'] : [rate('inbound'), rate('outbound')]),
        ...(totals.length === 0 ? ['-', '-'] : [total('inbound'), total('outbound')]),
      ]);
    }),
  );
});

test('from 20 x 5 up there are rows, with their peer and both rates', () => {
  const state = withInterval(initialState(SETTING), syntheticInterval(3000, 4));
  for (const [columns, rows] of [
    [20, 5],
    [40, 10],
    [80, 24],
    [300, 100],
  ] as const) {
    const lines = texts(state, columns, rows);
    const heading = lines.findIndex((text) => /Peer.* In\/s .*Out\/s/.test(text));
    assert.ok(heading >= 0, lines.join('\n'));
    const shown = lines.slice(heading + 1, -1);
    assert.ok(shown.length >= 1 && shown.every((text) => text !== ''), lines.join('\n'));
    assert.match(lines.at(-1) ?? '', /^q quit .*1-\d+ of 3000$/);
  }
});

test('columns go in turn: packets, the two totals, all totals, the protocol', () => {
  const state = withInterval(initialState(SETTING), syntheticInterval(3, 4));
  const heading = (columns: number): string =>
    texts(state, columns, 24).find((text) => text.includes('Peer')) ?? '';
  assert.match(heading(160), /Local .*Proto .*In pkt\/s .*In total +Out total$/);
  assert.doesNotMatch(heading(110), /pkt/);
  assert.match(heading(110), /Proto .*In total +Out total$/);
  assert.match(heading(80), /Proto .*Out\/s +Total$/);
  assert.match(heading(70), /Proto .*Out\/s$/);
  assert.doesNotMatch(heading(58), /Proto/);
  assert.match(heading(20), /^Peer +In\/s +Out\/s$/);
});

test('Conns are the connections that carried the bytes of the interval, open or ended', () => {
  const [row] = syntheticInterval(1, 1).rows;
  assert.ok(row);
  const rows = [{ ...row, connections: 87, live: 2 }];
  const state = withInterval(initialState(SETTING), { ...syntheticInterval(0, 1), rows });
  assert.match(texts(state, 100, 24).join('\n'), / (tcp|udp) +87 /);
});

test('a long address loses its middle and keeps its port', () => {
  const [row] = syntheticInterval(4, 1).rows.slice(3);
  assert.ok(row);
  const peer = { addr: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', port: '443' };
  const state = withInterval(initialState(SETTING), {
    ...syntheticInterval(0, 1),
    rows: [{ ...row, key: { ...row.key, peer } }],
  });
  assert.match(texts(state, 80, 24).join('\n'), /\[2001:db8[0-9a-f:]*…[0-9a-f:]+\]:443/);
  assert.match(texts(state, 200, 24).join('\n'), /\[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff\]:443/);
});

test('the screen names the losses and the pause at any height', () => {
  const interval = {
    ...syntheticInterval(3, 4),
    losses: { ...NO_LOSSES, endedUnseen: 1, eventLosses: 2, resynchronisations: 1 },
  };
  const state = { ...withInterval(initialState(SETTING), interval), isPaused: true };
  const tall = texts(state, 80, 24).join('\n');
  assert.match(tall, /May be missing: short connections while events were lost \(2x, resynchronised 1x\)/);
  assert.match(tall, /the last bytes of 1 connection that ended unseen/);
  assert.match(tall, /PAUSED\n/);
  assert.match(texts(state, 20, 5).join('\n'), /\nPAUSED {2}LOSSES/);
});

test('the view shows the source that an interval decides from then on, while paused too', () => {
  const start = { ...initialState(SETTING), isPaused: true };
  const basis = { source: 'payload of TCP sockets', remarks: ['Nothing is tracked: no rule uses ct.'] };
  const decided = withInterval(start, syntheticInterval(0, 1), basis);
  assert.match(texts(decided, 80, 24).join('\n'), /payload of TCP sockets[^]*no rule uses ct/);
  const later = withInterval(decided, syntheticInterval(0, 1));
  assert.equal(later.setting.source, basis.source);
});

test('remarks on the source stand above the rows if there is room, and whole if there are no rows', () => {
  const remark = `Nothing is tracked: ${'no firewall rule uses ct; '.repeat(12)}that is all.`;
  const start = initialState({ ...SETTING, remarks: [remark] });
  const some = withInterval(start, syntheticInterval(3, 1));
  const [title = '', sum = '', first = '', second = '', third = '', view = ''] = texts(some, 80, 24);
  assert.match(title, /^hostflow watch/);
  assert.match(sum, /^In /);
  assert.match(first, /^Nothing is tracked: no firewall/);
  assert.ok(remark.startsWith(`${first} ${second} ${third}`), 'three lines, broken at blanks');
  assert.match(view, /^3 host flows/);
  const [, , short = '', ...below] = texts(some, 60, 20);
  assert.match(short, /^Nothing is tracked: no firewall .*; more: \?$/);
  assert.doesNotMatch(below.join('\n'), /that is all/);
  assert.match(texts({ ...some, isHelpShown: true }, 80, 24).join(' '), /that is all\./);
  assert.doesNotMatch(texts(some, 80, 19).join('\n'), /Nothing is tracked/);
  const none = withInterval(start, syntheticInterval(0, 1));
  assert.match(texts(none, 80, 24).join(' '), /Nothing is tracked: [^]* that is all\./);
});

test('an empty view tells the reason and the remedy', () => {
  const start = initialState(SETTING);
  assert.match(texts(start, 80, 24).join('\n'), /the first numbers come after 2 s/);
  const none = withInterval(
    { ...start, setting: { ...SETTING, remarks: ['Nothing is tracked: no rule uses ct.'] } },
    syntheticInterval(0, 1),
  );
  assert.match(texts(none, 80, 24).join('\n'), /No connections yet[^]*no rule uses ct/);
  const filtered = withInterval({ ...start, filter: 'absent' }, syntheticInterval(3, 1));
  assert.match(texts(filtered, 80, 24).join('\n'), /None of 3 host flows matches "absent"\.\nEscape clears/);
  const selected = withInterval(
    { ...start, setting: { ...SETTING, selection: '--passive' } },
    syntheticInterval(0, 1),
  );
  assert.match(texts(selected, 80, 24).join('\n'), /No host flow matches .*--passive yet\.[^]*fewer flags/);
});
