/** Whatever happens to a line: a value or a ParseError that points at the fault, and what was read prints and reads the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackLine, mutatedLine, socketLine } from '../../parsers/arbitraries/index.js';
import {
  isSocketHeader,
  parseConntrackEvent,
  parseConntrackExpectation,
  parseConntrackLine,
  ParseError,
  parseSocketLine,
  tryParseConntrackLine,
} from '../../parsers/index.js';
import { beforeTrailer, isConntrackNoise, isForeignLine } from '../../parsers/conntrack/noise.js';
import { LINE_FORMATS } from '../support/parsers/line-formats.js';
import { brokenRule } from '../support/parsers/result-rules.js';
import { isSayable } from '../support/parsers/sayable.js';

const PARSERS = LINE_FORMATS.map(({ tryParse }) => tryParse);
const THROWING = [parseConntrackLine, parseConntrackEvent, parseConntrackExpectation, parseSocketLine];

for (const each of LINE_FORMATS) {
  const { name, line, tryParse } = each;
  test(`${name}: a mutated line gives a value or a ParseError that points into the line`, () => {
    fc.assert(
      fc.property(mutatedLine(line), (mutated) => {
        const text = mutated.toString();
        assert.equal(brokenRule(text, tryParse(text)), undefined);
      }),
      { numRuns: 1000 },
    );
  });

  test(`${name}: the record of a mutated line prints and reads the same, if a text can express it`, () => {
    fc.assert(
      fc.property(mutatedLine(line), (mutated) => {
        const result = tryParse(mutated.toString());
        if (!result.ok || !isSayable(result.value)) return;
        assert.deepEqual(tryParse(each.format(result.value)), result);
      }),
      { numRuns: 1000 },
    );
  });
}

test('every parser takes the lines of every other format', () => {
  const anyLine = fc.oneof(...LINE_FORMATS.map(({ line }) => line));
  fc.assert(
    fc.property(fc.oneof(anyLine, mutatedLine(anyLine), fc.string({ unit: 'binary' })), (line) => {
      const text = line.toString();
      for (const tryParse of PARSERS) assert.equal(brokenRule(text, tryParse(text)), undefined);
      for (const parse of THROWING) {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof ParseError);
        }
      }
      for (const ask of [isConntrackNoise, isForeignLine, isSocketHeader])
        assert.equal(typeof ask(text), 'boolean');
      assert.ok(text.startsWith(beforeTrailer(text) ?? ''));
    }),
    { numRuns: 2000 },
  );
});

const FRAGMENTS = [
  ...[
    'src=',
    'src=192.0.2.1 ',
    'sport=1 ',
    'packets=1 ',
    'bytes=9',
    'mark=',
    'secctx=a ',
    'labels=',
    'labels ',
  ],
  ...[
    '[',
    ']',
    '[]',
    '[start=',
    '[USERSPACE]',
    ' [USERSPACE]',
    'conntrack v',
    ' progname=',
    'portid=',
    'x',
    'x ',
  ],
  ...['=', ',', ':', ' ', '\t', '\r', '0', '9', 'F', '-', '"', '\0', 'é', '\ud800', '::', '1.', 'newkey=5 '],
];
const LONG = 65536;

test('lines of 64 KiB of one fragment give a value or a ParseError as well', () => {
  const places = fc.tuple(
    fc.oneof(conntrackLine(), socketLine()),
    fc.nat(300),
    fc.constantFrom(...FRAGMENTS),
  );
  fc.assert(
    fc.property(places, ([line, at, fragment]) => {
      const start = line.slice(0, at % (line.length + 1));
      const text = (start + fragment.repeat(LONG)).slice(0, LONG);
      for (const tryParse of PARSERS) assert.equal(brokenRule(text, tryParse(text)), undefined);
    }),
    { numRuns: 30 },
  );
  for (const fragment of FRAGMENTS) {
    const text = fragment.repeat(LONG).slice(0, LONG);
    for (const tryParse of PARSERS) assert.equal(brokenRule(text, tryParse(text)), undefined);
  }
});

const UNKNOWN = [
  'newkey=5',
  '[NEWFLAG]',
  'novalue=',
  'new-key=a=b',
  '[NEW FLAG=x]',
  'bytes2=18446744073709551616',
];
/** The boundary between two fields. There is none inside `[start=…]`, contexts and labels. */
const BOUNDARY = /(?<= )(?=src=|dst=|sport=|packets=|mark=|zone=|\[UNREPLIED\]|\[start=|use=|id=)/g;

test('unknown fields behind or between the known ones change none of them, and are kept', () => {
  fc.assert(
    fc.property(
      conntrackLine(),
      fc.array(fc.tuple(fc.constantFrom(...UNKNOWN), fc.nat(20)), { minLength: 1, maxLength: 3 }),
      (line, insertions) => {
        const parts = line.split(BOUNDARY);
        const added = new Map<number, string[]>();
        for (const [field, at] of insertions) {
          const place = 1 + (at % parts.length);
          added.set(place, [...(added.get(place) ?? []), field]);
        }
        const text = parts
          .map((part, index) => [part.trimEnd(), ...(added.get(index + 1) ?? [])].join(' '))
          .join(' ');
        const before = parseConntrackLine(line);
        const { extra = [], ...known } = parseConntrackLine(text);
        const { extra: own = [], ...expected } = before;
        assert.deepEqual(known, expected);
        assert.deepEqual([...extra].sort(), [...own, ...insertions.map(([field]) => field)].sort());
      },
    ),
    { numRuns: 1000 },
  );
});

test('unknown columns behind those of a socket change none of them, and are kept', () => {
  fc.assert(
    fc.property(
      socketLine('tcp6'),
      fc.array(fc.constantFrom('newkey=5', '[NEW]', '0', '-1'), { minLength: 2, maxLength: 4 }),
      (line, columns) => {
        const { extra, ...known } = parseSocketLine(`${line} ${columns.join(' ')}`);
        assert.deepEqual(known, parseSocketLine(line));
        assert.deepEqual(extra, columns);
      },
    ),
  );
});

test('a failing line shrinks to what fails in it', () => {
  const lengths = [1, 2, 3, 4, 5].map((seed) => {
    const { counterexample } = fc.check(
      fc.property(mutatedLine(conntrackLine()), (line) => {
        const result = tryParseConntrackLine(line.toString());
        return result.ok || result.error.code !== 'out-of-range';
      }),
      { seed, numRuns: 500 },
    );
    return counterexample?.[0].length ?? 0;
  });
  // `t 256` is as short as it gets; now and then leaving out no single part makes a line shorter that fails.
  assert.ok(lengths.filter((length) => length < 25).length >= 4, lengths.join());
});

test('a line that is given as an example shrinks as well', () => {
  const { counterexample } = fc.check(
    fc.property(mutatedLine(conntrackLine()), (line) => !line.includes('256')),
    { examples: [['udp      17 30 src=192.0.2.1 sport=256 dport=2']], numRuns: 1 },
  );
  assert.deepEqual(counterexample, ['256']);
});
