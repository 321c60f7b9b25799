import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  formatConntrackEvent,
  ParseError,
  parseConntrackEvent,
  tryParseConntrackEvent,
} from '../../parsers/index.js';

const RECORD =
  'udp      17 30 src=192.0.2.1 dst=192.0.2.53 sport=5000 dport=53 [UNREPLIED] src=192.0.2.53 dst=192.0.2.1 sport=53 dport=5000';

function lines(name: string): string[] {
  const text = readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

for (const name of ['linux-6.18/conntrack-E.txt', 'linux-6.18/conntrack-E-timestamp-id.txt']) {
  test(`${name}: each event reads and prints the same`, () => {
    for (const line of lines(name)) assert.equal(formatConntrackEvent(parseConntrackEvent(line)), line);
  });
}

test('every published event reads, and reads the same once printed', () => {
  for (const line of lines('published/conntrack-E.public.txt')) {
    const event = parseConntrackEvent(line);
    assert.deepEqual(parseConntrackEvent(formatConntrackEvent(event)), event, line);
  }
});

test('microseconds padded with blanks, as up to conntrack-tools 1.4.1, are not a decimal fraction', () => {
  const { timestamp } = parseConntrackEvent(`[1296662422.1234  ]\t    [NEW] ${RECORD}`);
  assert.deepEqual(timestamp, { seconds: 1296662422, microseconds: 1234 });
});

test('an event from user space names its origin, whatever the program calls itself', () => {
  const names = ['conntrack', 'my prog', 'a=b [x', '[USERSPACE] portid=7', ' portid=8 progname=y'];
  for (const programName of names) {
    const line = `    [NEW] ${RECORD} [USERSPACE] portid=4056800966 progname=${programName}`;
    const event = parseConntrackEvent(line);
    assert.deepEqual(event.userspace, { portId: 4056800966, programName });
    assert.equal(event.entry.extra, undefined);
    assert.equal(formatConntrackEvent(event), line);
  }
  assert.deepEqual(parseConntrackEvent(`[NEW] ${RECORD} [USERSPACE]\r`).userspace, {});
  assert.deepEqual(parseConntrackEvent(`[NEW] ${RECORD} [USERSPACE] portid=1 uid=5`).userspace, {
    portId: 1,
    extra: ['uid=5'],
  });
  assert.deepEqual(parseConntrackEvent(`[NEW] ${RECORD} [USERSPACE] \rprogname=x`).userspace, {
    programName: 'x',
  });
  // Only blanks, tabs and line ends part fields.
  assert.deepEqual(parseConntrackEvent(`[NEW] ${RECORD} [USERSPACE] \vprogname=x`).userspace, {
    extra: ['\vprogname=x'],
  });
});

const BROKEN: readonly [line: string, code: string, field: string, column: number][] = [
  ['', 'empty-line', 'line', 1],
  [' \t', 'empty-line', 'line', 1],
  [RECORD, 'not-event', 'line', 1],
  [`17:14:21     [NEW] ${RECORD}`, 'not-event', 'line', 1],
  [`  [GONE] ${RECORD}`, 'not-event', 'line', 3],
  [`[NEW]${RECORD}`, 'not-event', 'line', 1],
  [`[1.1000000]\t    [NEW] ${RECORD}`, 'out-of-range', 'timestamp', 4],
  [`[18446744073709551616.000001]\t    [NEW] ${RECORD}`, 'out-of-range', 'timestamp', 2],
  [' [UPDATE] ', 'empty-line', 'line', 1],
  ['    [NEW] rubbish', 'not-conntrack', 'line', 11],
  [`    [NEW] ${RECORD.replace('5000', '70000')}`, 'out-of-range', 'sport', 61],
  [
    `[NEW] ${RECORD} [USERSPACE] portid=4294967296`,
    'out-of-range',
    'portid',
    `[NEW] ${RECORD} [USERSPACE] portid=`.length + 1,
  ],
];

for (const [line, code, field, column] of BROKEN) {
  test(`${code}: ${JSON.stringify(line)}`, () => {
    const result = tryParseConntrackEvent(line);
    assert.ok(!result.ok);
    const { error } = result;
    assert.deepEqual([error.code, error.field, error.column], [code, field, column]);
    assert.throws(() => parseConntrackEvent(line), ParseError);
  });
}
