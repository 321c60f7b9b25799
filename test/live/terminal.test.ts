import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LiveView } from '../../src/live/live-view.js';
import { screenLines } from '../../src/live/screen.js';
import { Terminal } from '../../src/live/terminal.js';
import { initialState, withInterval, type ViewedInterval } from '../../src/live/view-state.js';
import { NO_TRAFFIC, perSecond } from '../../src/model/traffic.js';
import { FakeInput, FakeOutput, shownBy } from '../support/fake-terminal.js';
import { SETTING, syntheticInterval } from '../support/synthetic-flows.js';
import { accounted, shownAfter } from './intervals.js';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';

interface Running {
  input: FakeInput;
  output: FakeOutput;
  view: LiveView;
}

function running(): Running {
  const input = new FakeInput();
  const output = new FakeOutput();
  const view = new LiveView(input, output, initialState(SETTING));
  view.update(accounted(syntheticInterval(3, 1)));
  return { input, output, view };
}

/** The first intervals, of three flows each. */
function first(count: number): ViewedInterval[] {
  return Array.from({ length: count }, (_, index) => syntheticInterval(3, index + 1));
}

/** An interval in which these flows carry nothing. */
function idleInterval(count: number, seconds: number): ViewedInterval {
  const { rows, ...interval } = syntheticInterval(count, 1, seconds);
  const rate = perSecond(NO_TRAFFIC, seconds);
  return { ...interval, rows: rows.map((row) => ({ ...row, delta: NO_TRAFFIC, rate })) };
}

function assertRestored({ input, output }: Running): void {
  assert.ok(output.text.startsWith(ENTER));
  assert.equal(output.text.split(LEAVE).length, 2, 'restored once');
  assert.ok(output.text.endsWith(LEAVE), 'and nothing after it');
  assert.deepEqual(input.modes, [true, false]);
  assert.ok(!input.isToBeRead);
  assert.ok(input.isPaused() || input.destroyed);
}

const ways: Record<string, (run: Running) => void> = {
  q: ({ input }) => input.write('q'),
  'Ctrl-C': ({ input }) => input.write('\x03'),
  'Ctrl-C while typing': ({ input }) => input.write('/ab\x03'),
  'a signal or a crash: stop()': ({ view }) => {
    view.stop();
  },
  'stop() twice': ({ view }) => {
    view.stop();
    view.stop();
  },
  'the end of the input': ({ input }) => input.end(),
  'an error of the input': ({ input }) => input.destroy(new Error('EIO')),
};

for (const [name, leave] of Object.entries(ways)) {
  test(`restores the terminal: ${name}`, async () => {
    const run = running();
    leave(run);
    await run.view.ended;
    run.view.update(accounted(syntheticInterval(4, 2)));
    run.output.emit('resize');
    await nextTurn();
    assertRestored(run);
  });
}

test('restores a terminal that takes nothing at the moment', async () => {
  const run = running();
  await nextTurn();
  run.output.isStuck = true;
  run.view.update(accounted(syntheticInterval(4, 2)));
  run.view.update(accounted(syntheticInterval(5, 3)));
  run.view.stop();
  run.output.resume();
  await nextTurn();
  assertRestored(run);
});

test('ends where the output breaks, with raw mode off and without another error', async () => {
  const run = running();
  run.output.destroy(new Error('EIO'));
  await run.view.ended;
  assert.deepEqual(run.input.modes, [true, false]);
});

test('a raw mode that cannot be left does not keep the rest from being restored', () => {
  const run = running();
  run.input.setRawMode = (): never => {
    throw new Error('EIO');
  };
  run.view.stop();
  run.output.resume();
  assert.ok(run.input.isPaused());
});

test('input that was raw before stays so', () => {
  const input = new FakeInput();
  input.isRaw = true;
  const options = { onKey: () => undefined, onResize: () => undefined, onGone: () => undefined };
  new Terminal({ input, output: new FakeOutput(), ...options }).stop();
  assert.deepEqual(input.modes, [true, true]);
});

test('keys as terminals send them', async () => {
  const input = new FakeInput();
  const keys: string[] = [];
  const terminal = new Terminal({
    input,
    output: new FakeOutput(),
    onKey: (key) => keys.push(key),
    onResize: () => undefined,
    onGone: () => undefined,
  });
  input.write('\x1b[A\x1b[B\x1bOA\x1b[5~\x1b[6~\x1b[H\x1b[F\r\n\x7f a?é\x03\x1b');
  await new Promise((resolve) => setTimeout(resolve, 700));
  terminal.stop();
  assert.deepEqual(keys, [
    ...['up', 'down', 'up', 'pageup', 'pagedown', 'home', 'end', 'enter', 'enter', 'backspace'],
    ...[' ', 'a', '?', 'é', 'ctrl-c', 'escape'],
  ]);
});

test('only changed lines are drawn, and the screen shows the state all the same', async () => {
  const run = running();
  const { output, view, input } = run;
  const intervals = first(1);
  let state = withInterval(initialState(SETTING), shownAfter(intervals));
  const show = (interval: ViewedInterval): void => {
    intervals.push(interval);
    view.update(accounted(interval));
    state = withInterval(state, shownAfter(intervals));
  };
  const expectShown = (): void => {
    const texts = screenLines(state, { columns: output.columns, rows: output.rows }).map(({ text }) => text);
    assert.deepEqual(shownBy(output.text, output.rows), texts);
  };
  await nextTurn();
  expectShown();
  // These intervals are so short that the duration on the screen stays the same.
  show(idleInterval(3, 0.3));
  await nextTurn();
  expectShown();
  const before = output.writes.length;
  show(idleInterval(3, 0.3));
  await nextTurn();
  assert.equal(output.writes.length, before, 'no change, no write');
  expectShown();
  show(syntheticInterval(3, 2));
  await nextTurn();
  expectShown();
  assert.ok((output.writes.at(-1) ?? '').split('\x1b[2K').length - 1 < output.rows / 2);
  output.columns = 40;
  output.rows = 10;
  output.emit('resize');
  await nextTurn();
  expectShown();
  input.write('q');
  await view.ended;
});

test('while the terminal takes nothing, frames are left out', async () => {
  const { output, view } = running();
  await nextTurn();
  output.isStuck = true;
  for (let number = 2; number < 50; number++) view.update(accounted(syntheticInterval(3, number)));
  const writes = output.writes.length;
  output.resume();
  await nextTurn();
  assert.ok(output.writes.length <= writes + 1);
  const state = withInterval(initialState(SETTING), shownAfter(first(49)));
  assert.deepEqual(
    shownBy(output.text, 24),
    screenLines(state, { columns: 80, rows: 24 }).map(({ text }) => text),
  );
  view.stop();
});

test('stopped and going on: the terminal is given back, and taken again with the whole screen', async () => {
  const run = running();
  const { input, output, view } = run;
  await nextTurn();
  view.suspend();
  view.suspend();
  await nextTurn();
  assert.ok(output.text.endsWith(LEAVE));
  assert.deepEqual(input.modes, [true, false]);
  const { length } = output.writes;
  view.update(accounted(syntheticInterval(3, 2)));
  output.emit('resize');
  await nextTurn();
  assert.equal(output.writes.length, length, 'nothing is drawn meanwhile');
  view.resume();
  await nextTurn();
  assert.deepEqual(input.modes, [true, false, true]);
  const again = output.text.slice(output.text.lastIndexOf(ENTER));
  const state = withInterval(initialState(SETTING), shownAfter(first(2)));
  assert.deepEqual(
    shownBy(again, output.rows),
    screenLines(state, { columns: output.columns, rows: output.rows }).map(({ text }) => text),
  );
  view.stop();
  await nextTurn();
  assert.ok(output.text.endsWith(LEAVE));
});

test('ended while it is stopped, the terminal is not given back twice', async () => {
  const { output, view } = running();
  view.suspend();
  view.stop();
  view.resume();
  await nextTurn();
  assert.equal(output.text.split(LEAVE).length, 2);
  assert.ok(output.text.endsWith(LEAVE));
});

test('Ctrl-Z asks for the process to be stopped, while typing too', async () => {
  const input = new FakeInput();
  let stopped = 0;
  const stopProcess = (): void => {
    stopped += 1;
  };
  const view = new LiveView(input, new FakeOutput(), initialState(SETTING), { stopProcess });
  input.write('\x1a/a\x1a');
  await nextTurn();
  assert.equal(stopped, 2);
  view.stop();
});
