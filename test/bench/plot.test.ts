import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plotSvg } from '../../bench/report/plot.js';
import { profileTable, selfTimes, type CpuProfile } from '../../bench/report/profile-summary.js';

/** Fails unless every element that is opened is closed, in order, and attributes are quoted. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const markup = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi;
  for (const [, closing, name = '', , selfClosing] of xml.matchAll(markup)) {
    if (closing === '/') assert.equal(open.pop(), name);
    else if (selfClosing === '') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(xml.replace(markup, ''), /[<>]|&(?!amp;|lt;|gt;|quot;)/);
}

test('a plot is well-formed, with a marker for each point and the names in a legend', () => {
  const series = [
    { name: 'hostflow', points: [[1e4, 0.1] as const, [1e7, 12] as const] },
    { name: '<awk> & "wc"', points: [[1e4, 0.002] as const] },
    { name: 'nothing', points: [] },
  ];
  const svg = plotSvg('A <title>', [{ title: 'Seconds', xLabel: 'entries', series }]);
  assertWellFormed(svg);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  // The legend has one more of each.
  assert.equal(svg.match(/<circle /g)?.length, 3);
  assert.equal(svg.match(/<rect /g)?.length, 2);
  assert.match(svg, />&lt;awk&gt; &amp; &quot;wc&quot;</);
});

test('points stay within the axes, a decade being as long as any other', () => {
  const points = [1, 10, 100].map((value) => [value, value] as const);
  const svg = plotSvg('t', [{ title: 't', xLabel: 'x', series: [{ name: 's', points }] }]);
  const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].slice(1);
  const [[x1, y1], [x2, y2], [x3, y3]] = places.map(([, x, y]) => [Number(x), Number(y)]) as [
    [number, number],
    [number, number],
    [number, number],
  ];
  assert.ok(Math.abs(x2 - x1 - (x3 - x2)) < 0.2 && x1 < x2);
  assert.ok(Math.abs(y1 - y2 - (y2 - y3)) < 0.2 && y1 > y2);
});

test('a plot of nothing is well-formed too', () => {
  assertWellFormed(plotSvg('t', [{ title: 't', xLabel: 'x', series: [] }]));
});

test('self time is added up over profiles, by function; idle time is no time', () => {
  const frame = (
    id: number,
    functionName: string,
    url = '',
    lineNumber = -1,
  ): CpuProfile['nodes'][number] => ({
    id,
    callFrame: { functionName, url, lineNumber },
  });
  const parse = ['parse', 'file:///somewhere/dist/parsers/parse.js', 9] as const;
  const first = {
    nodes: [frame(1, '(idle)'), frame(2, ...parse), frame(3, '(program)')],
    samples: [1, 2, 2, 3],
    timeDeltas: [1000, 300, 300, 100],
  };
  const second = { nodes: [frame(7, ...parse), frame(8, '')], samples: [7, 8], timeDeltas: [200, 100] };
  const times = selfTimes([first, second]);
  assert.deepEqual(times, [
    { name: 'parse', place: 'parsers/parse.js:10', share: 0.8 },
    { name: '(program)', place: '', share: 0.1 },
    { name: '(anonymous)', place: '', share: 0.1 },
  ]);
  assert.match(profileTable(times), /^\| parse +\| parsers\/parse\.js:10 +\| +80\.0 % \|$/m);
  assert.match(profileTable([]), /everything else/);
});
