import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Criterion } from '../../bench/report/criteria.js';
import { figureOf, mediansOf, type Medians } from '../../bench/report/figure.js';
import { markdownTable } from '../../bench/report/markdown-table.js';
import { parseMeasurement } from '../../bench/meter.js';
import { parseOptions, UsageError } from '../../bench/options.js';
import { missingList, targetsTable } from '../../bench/report/report.js';
import { commandLine } from '../../bench/rounds.js';
import { replaceBetweenMarkers } from '../../bench/report/save.js';
import { median } from '../../bench/report/statistics.js';

function took(seconds: number, peakBytes?: number): Medians {
  return { seconds, cpuSeconds: seconds, peakBytes, fastest: seconds, slowest: seconds };
}

const ratio: Criterion = {
  what: 'x',
  against: 'y plus z',
  figure: 'time ratio',
  of: 'x',
  to: ['y', 'z'],
  target: 2,
};

test('the median is the middle value, or the mean of the middle two', () => {
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test('medians are taken of each quantity, and a peak that is not known stays so', () => {
  const runs = [3, 1, 2].map((seconds) => ({ seconds, cpuSeconds: seconds / 2, peakBytes: undefined }));
  assert.deepEqual(mediansOf(runs), {
    seconds: 2,
    cpuSeconds: 1,
    peakBytes: undefined,
    fastest: 1,
    slowest: 3,
  });
});

test('a figure compares with the sum of its references, and is unknown without one of them', () => {
  const medians = new Map([
    ['x', took(6, 50e6)],
    ['y', took(1, 30e6)],
    ['z', took(2)],
  ]);
  assert.equal(figureOf(ratio, medians), 2);
  assert.equal(figureOf({ ...ratio, figure: 'added milliseconds' }, medians), 3000);
  assert.equal(figureOf({ ...ratio, figure: 'added megabytes', to: ['y'] }, medians), 20);
  assert.equal(figureOf({ ...ratio, figure: 'added megabytes' }, medians), undefined);
  assert.equal(figureOf({ ...ratio, to: ['y', 'missing'] }, medians), undefined);
});

test('a figure meets a target that it equals; a figure that was not measured is marked so', () => {
  const lines = (seconds: number): string[] => {
    const measured = new Map([
      [{ id: 'x' }, took(seconds)],
      [{ id: 'y' }, took(1)],
      [{ id: 'z' }, took(2)],
    ]);
    return targetsTable([ratio, { ...ratio, of: 'missing' }], measured).split('\n');
  };
  assert.deepEqual(lines(6), [
    '| what | against  | measured |   target | met          | by CPU time |',
    '| ---- | -------- | -------: | -------: | ------------ | ----------: |',
    '| x    | y plus z |   2.00 × | ≤ 2.00 × | yes          |      2.00 × |',
    '| x    | y plus z |        - | ≤ 2.00 × | not measured |             |',
    '',
  ]);
  assert.match(lines(6.1)[2] ?? '', /\| no +\| +2\.03 × \|$/);
});

test('a bar in a cell does not end it', () => {
  assert.match(markdownTable([['a', 'left']], [['x | y']]), /^\| x \\\| y \|$/m);
});

test('processes that are missing for the same reason share a line', () => {
  const missing = new Map([
    [{ label: 'a' }, 'no cc'],
    [{ label: 'b' }, 'no root'],
    [{ label: 'c' }, 'no cc'],
  ]);
  assert.equal(missingList(missing), '- not measured: a; c: no cc\n- not measured: b: no root\n');
});

test('the last line of what a meter wrote counts; without memory that is unknown', () => {
  const measured = { seconds: 1.5, cpuSeconds: 1.25, peakBytes: 2_048_000 };
  assert.deepEqual(parseMeasurement('1.5 1 0.25 2000\n'), measured);
  assert.deepEqual(parseMeasurement('Command exited\n1.5 1 0.25 2000\n'), measured);
  assert.equal(parseMeasurement('1.500 1.000 0.250\n').peakBytes, undefined);
  assert.throws(() => parseMeasurement('time: no such file\n'), /not a measurement/);
});

test('the meter stands right before what is measured', () => {
  const meter = ['meter', 'out'];
  const prefix = ['ip', 'netns', 'exec', 'n'];
  assert.deepEqual(commandLine({ command: ['ss', '-t'], prefix }, meter), [...prefix, ...meter, 'ss', '-t']);
  const piped = commandLine({ command: ['wc'], pipedFrom: 'a file' }, meter);
  assert.deepEqual(piped, ['sh', '-c', 'cat "$0" | "$@"', 'a file', 'meter', 'out', 'wc']);
  const onTerminal = commandLine({ command: ["it's"], onTerminal: true }, meter);
  assert.ok(onTerminal.includes(`'meter' 'out' 'it'\\''s'`));
});

test('the text between the markers is replaced, and the rest stays', () => {
  const page = 'before\n<!-- a -->\nold\n<!-- /a -->\nafter\n';
  const replaced = 'before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter\n';
  assert.equal(replaceBetweenMarkers(page, 'a', 'new\n'), replaced);
  assert.equal(replaceBetweenMarkers(replaced, 'a', 'new'), replaced);
  assert.throws(() => replaceBetweenMarkers(page, 'b', 'new'));
});

test('flags that make no sense are usage errors', () => {
  assert.equal(parseOptions(['--runs', '9']).runs, 9);
  assert.ok(parseOptions(['--only', 'STDIN']).only?.test('--stdin'));
  assert.ok(parseOptions(['--full']).growth);
  for (const argv of [['--runs', '0'], ['--only', '('], ['--save', '--only', 'x'], ['--what'], ['x']]) {
    assert.throws(() => parseOptions(argv), UsageError, argv.join(' '));
  }
});
