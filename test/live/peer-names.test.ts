import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { LiveView } from '../../src/live/live-view.js';
import { PeerNames } from '../../src/live/peer-names.js';
import { screenLines } from '../../src/live/screen.js';
import { initialState, withInterval } from '../../src/live/view-state.js';
import type { LookUp } from '../../src/names/name-cache.js';
import { FakeInput, FakeOutput, shownBy } from '../support/fake-terminal.js';
import { NAMES, SETTING, syntheticInterval } from '../support/synthetic-flows.js';
import { accounted } from './intervals.js';

/** Look-ups that are answered when the test decides. */
class Questions {
  readonly asked: (readonly string[])[] = [];
  #answer: (names: ReadonlyMap<string, string>) => void = () => undefined;

  readonly lookUp: LookUp = (addresses) => {
    this.asked.push(addresses);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  };

  async answer(names: ReadonlyMap<string, string>): Promise<void> {
    this.#answer(names);
    await nextTurn();
  }
}

test('each address is asked for once, whatever is wanted when, and no two questions at a time', async () => {
  const address = fc.integer({ min: 0, max: 20 }).map((number) => `192.0.2.${number}`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uniqueArray(address)), async (wanted) => {
      const questions = new Questions();
      let found = 0;
      const names = new PeerNames(() => (found += 1), questions.lookUp);
      for (const addresses of wanted) {
        names.want(addresses);
        const { length } = questions.asked;
        names.want(['203.0.113.1', '203.0.113.2']);
        if (length > 0 && found < length) assert.equal(questions.asked.length, length);
        await questions.answer(new Map(addresses.map((known) => [known, `host-${known}`])));
        names.want(addresses);
        await questions.answer(new Map(addresses.map((known) => [known, `host-${known}`])));
      }
      const asked = questions.asked.flat();
      assert.equal(new Set(asked).size, asked.length);
      for (const known of wanted.flat()) assert.equal(names.known.get(known), `host-${known}`);
    }),
  );
});

test('the screen is drawn without names, and again when they are known', async () => {
  const questions = new Questions();
  const output = new FakeOutput();
  const interval = syntheticInterval(3, 1);
  const view = new LiveView(new FakeInput(), output, initialState(SETTING), {
    names: (onFound) => new PeerNames(onFound, questions.lookUp),
  });
  view.update(accounted(interval));
  await nextTurn();
  const shown = (): string => shownBy(output.text, output.rows).join('\n');
  assert.match(shown(), /198\.51\.100\.0:443/);
  assert.deepEqual([...(questions.asked[0] ?? [])].sort(), ['198.51.100.0', '198.51.100.1', '198.51.100.2']);
  await questions.answer(NAMES);
  await nextTurn();
  assert.match(shown(), /mirror\.ex.*:443/);
  assert.doesNotMatch(shown(), /198\.51\.100\.0:/);
  view.stop();
});

test('only the peers on the screen are looked up', () => {
  const questions = new Questions();
  const output = new FakeOutput();
  const view = new LiveView(new FakeInput(), output, initialState(SETTING), {
    names: (onFound) => new PeerNames(onFound, questions.lookUp),
  });
  view.update(accounted(syntheticInterval(3000, 1)));
  view.stop();
  assert.ok(questions.asked.length === 1 && (questions.asked[0]?.length ?? 0) <= output.rows);
});

test('a name stands beside the address where there is room, and never passes for another address', () => {
  const state = (names: ReadonlyMap<string, string>): ReturnType<typeof initialState> =>
    withInterval({ ...initialState(SETTING), names }, syntheticInterval(3, 1));
  const text = (names: ReadonlyMap<string, string>, columns: number): string =>
    screenLines(state(names), { columns, rows: 24 })
      .map((line) => line.text)
      .join('\n');
  assert.match(text(NAMES, 200), /198\.51\.100\.0:443 .*mirror\.example\.net/);
  assert.match(text(new Map([['198.51.100.0', '192.0.2.66']]), 80), /198\.51\.100\.0:443/);
});
