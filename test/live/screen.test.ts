import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GROUPINGS } from '../../src/model/grouping.js';
import { humanSize } from '../../src/render/human-size.js';
import { textWidth } from '../../src/render/wrap-text.js';
import { RATE_SORT_KEYS } from '../../src/model/rates.js';
import { screenLines } from '../../src/live/screen.js';
import { initialState, withInterval, withRows, type ViewState } from '../../src/live/view-state.js';
import { arbitraryRate } from '../support/rate-arbitrary.js';
import { NO_LOSSES, SETTING, syntheticInterval } from '../support/synthetic-flows.js';

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
    flows: fc.array(arbitraryRate, { maxLength: 60 }),
    losses,
    view: fc.record({
      sort: fc.constantFrom(...RATE_SORT_KEYS),
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
  .map(({ flows, losses, view, selection, hasStarted }) => {
    const state = { ...initialState({ ...SETTING, selection, remarks: [selection] }), ...view };
    const interval = { flows, seconds: 2, elapsedSeconds: 1e6, losses };
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

test('the sums in the header are those of the rows', () => {
  fc.assert(
    fc.property(arbitraryState, (any) => {
      const state = { ...any, isPaused: false };
      const known = state.rows.filter(({ total }) => total !== null);
      const sum = (select: (row: (typeof known)[number]) => number | bigint | undefined): bigint =>
        known.reduce((total, row) => total + BigInt(select(row) ?? 0), 0n);
      const line = texts(state, 300, 24).find((text) => text.startsWith('In ')) ?? '';
      const [, inRate, outRate, inTotal, outTotal] =
        /^In (.*)\/s {2}Out (.*)\/s {2}Total in (.*) {2}out (.*)$/.exec(line) ?? [];
      if (known.length === 0) {
        assert.deepEqual([inRate, outRate, inTotal, outTotal], ['-', '-', '-', '-']);
        return;
      }
      assert.equal(inTotal, humanSize(sum(({ total }) => total?.inbound.bytes)));
      assert.equal(outTotal, humanSize(sum(({ total }) => total?.outbound.bytes)));
      const perSecond = (bytes: bigint): string => humanSize(Math.round(Number(bytes) / 2));
      assert.equal(inRate, perSecond(sum(({ delta }) => delta?.inbound.bytes)));
      assert.equal(outRate, perSecond(sum(({ delta }) => delta?.outbound.bytes)));
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

test('a long address loses its middle and keeps its port', () => {
  const [flow] = syntheticInterval(4, 1).flows.slice(3);
  assert.ok(flow);
  const peer = { addr: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', port: '443' };
  const state = withInterval(initialState(SETTING), {
    ...syntheticInterval(0, 1),
    flows: [{ ...flow, peer }],
  });
  assert.match(texts(state, 80, 24).join('\n'), /\[2001:db8[0-9a-f:]*…[0-9a-f:]+\]:443/);
  assert.match(texts(state, 200, 24).join('\n'), /\[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff\]:443/);
});

test('says what may be missing, and that it is paused, at any height', () => {
  const interval = {
    ...syntheticInterval(3, 4),
    losses: { ...NO_LOSSES, endedUnseen: 1, eventLosses: 2, resynchronisations: 1 },
  };
  const state = { ...withInterval(initialState(SETTING), interval), isPaused: true };
  const tall = texts(state, 80, 24).join('\n');
  assert.match(tall, /May be missing: short connections when events were lost \(2x, resynchronised 1x\)/);
  assert.match(tall, /the last bytes of 1 connection that ended unseen/);
  assert.match(tall, /PAUSED\n/);
  assert.match(texts(state, 20, 5).join('\n'), /\nPAUSED {2}LOSSES/);
});

test('what it is counted by, decided by an interval, is shown from then on, while paused too', () => {
  const start = { ...initialState(SETTING), isPaused: true };
  const basis = { source: 'payload of TCP sockets', remarks: ['Nothing is tracked: no rule uses ct.'] };
  const decided = withInterval(start, syntheticInterval(0, 1), basis);
  assert.match(texts(decided, 80, 24).join('\n'), /payload of TCP sockets[^]*no rule uses ct/);
  const later = withInterval(decided, syntheticInterval(0, 1));
  assert.equal(later.setting.source, basis.source);
});

test('why it is counted by what it is stands above the rows, where there is room, and whole where there are none', () => {
  const remark = `Nothing is tracked: ${'no firewall rule uses ct; '.repeat(12)}that is all.`;
  const start = initialState({ ...SETTING, remarks: [remark] });
  const some = withInterval(start, syntheticInterval(3, 1));
  const [title = '', sum = '', first = '', second = '', third = '', view = ''] = texts(some, 80, 24);
  assert.match(title, /^hostflow watch/);
  assert.match(sum, /^In /);
  assert.match(first, /^Nothing is tracked: no firewall/);
  assert.ok(remark.startsWith(`${first} ${second} ${third}`), 'three lines, broken at blanks');
  assert.match(view, /^3 host flows/);
  assert.doesNotMatch(texts(some, 80, 19).join('\n'), /Nothing is tracked/);
  const none = withInterval(start, syntheticInterval(0, 1));
  assert.match(texts(none, 80, 24).join(' '), /Nothing is tracked: [^]* that is all\./);
});

test('where nothing is shown it says why and what to do', () => {
  const start = initialState(SETTING);
  assert.match(texts(start, 80, 24).join('\n'), /the first numbers come after 2 s/);
  const none = withInterval(
    { ...start, setting: { ...SETTING, remarks: ['Nothing is tracked: no rule uses ct.'] } },
    syntheticInterval(0, 1),
  );
  assert.match(texts(none, 80, 24).join('\n'), /No connections yet[^]*no rule uses ct/);
  const filtered = withInterval({ ...start, filter: 'absent' }, syntheticInterval(3, 1));
  assert.match(texts(filtered, 80, 24).join('\n'), /None of 3 host flows has "absent"\.\nEscape clears/);
  const selected = withInterval(
    { ...start, setting: { ...SETTING, selection: '--passive' } },
    syntheticInterval(0, 1),
  );
  assert.match(texts(selected, 80, 24).join('\n'), /--passive lets through\.[^]*fewer flags/);
});
