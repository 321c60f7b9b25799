/** Real captures of the kernel and of `conntrack` are read, and printed again to the byte. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  conntrackEntries,
  formatConntrackEntry,
  formatConntrackEvent,
  formatConntrackExpectation,
  formatSocketEntry,
  isSocketHeader,
  parseConntrackEvent,
  parseConntrackExpectation,
  parseConntrackLine,
  parseSocketLine,
  type ConntrackEntry,
  type ConntrackEventStyle,
  type ConntrackExpectationStyle,
  type ConntrackStyle,
  type SocketStyle,
} from '../../parsers/index.js';

function fixture(name: string): URL {
  return new URL(`../../../fixtures/${name}`, import.meta.url);
}

function lines(name: string): string[] {
  const text = readFileSync(fixture(name), 'utf8');
  assert.notEqual(text, '');
  return text.split('\n').filter((line) => line !== '');
}

/** A capture's name below fixtures/, the style that prints its lines, and which of them it prints with other blanks. */
type Capture<Style> = readonly [name: string, style: Style, respaced?: RegExp];

/** Each line reads and prints the same. Respaced lines only read the same once printed. */
function roundTrip<Value, Style>(
  [name, style, respaced]: Capture<Style>,
  parse: (line: string) => Value,
  format: (value: Value, style: Style) => string,
  rows = lines(name),
): void {
  const but = respaced === undefined ? '' : `, but for the blanks in lines like ${String(respaced)}`;
  test(`${name}: each line reads and prints the same${but}`, () => {
    for (const line of rows) {
      const value = parse(line);
      const printed = format(value, style);
      if (respaced?.test(line) !== true) assert.equal(printed, line);
      assert.deepEqual(parse(printed), value);
    }
  });
}

const ENTRIES: readonly Capture<ConntrackStyle>[] = [
  ['linux-6.18/nf_conntrack', 'nf_conntrack'],
  ['proc-web-server/net/nf_conntrack', 'nf_conntrack'],
  ['linux-6.18/conntrack-L.txt', 'conntrack'],
  ['linux-6.18/conntrack-L-extended-id-ktimestamp-labels.txt', 'conntrack-extended'],
  ['linux-6.18-tables/nf_conntrack', 'nf_conntrack'],
  ['linux-6.18-tables/conntrack-L.txt', 'conntrack'],
  ['linux-6.18-tables/conntrack-L-o-id.txt', 'conntrack'],
  ['linux-6.18-tables/conntrack-L-o-ktimestamp.txt', 'conntrack'],
  ['linux-6.18-tables/conntrack-L-o-labels.txt', 'conntrack'],
  ['linux-6.18-tables/conntrack-L-o-extended.txt', 'conntrack-extended'],
  ['linux-6.18-tables/conntrack-L-o-extended-id-ktimestamp-labels.txt', 'conntrack-extended'],
  // conntrack cut these at the end of its buffer; a blank left at the end is not printed again.
  ['linux-6.18-cut/conntrack-L-o-extended-id-labels.txt', 'conntrack-extended', / $/],
];
for (const capture of ENTRIES) roundTrip(capture, parseConntrackLine, formatConntrackEntry);

const EVENTS: readonly Capture<ConntrackEventStyle>[] = [
  ['linux-6.18/conntrack-E.txt', 'conntrack'],
  ['linux-6.18/conntrack-E-timestamp-id.txt', 'conntrack'],
  ['linux-6.18-events/conntrack-E-o-id.txt', 'conntrack'],
  ['linux-6.18-events/conntrack-E-o-timestamp.txt', 'conntrack'],
  ['linux-6.18-events/conntrack-E-o-userspace.txt', 'conntrack'],
  ['linux-6.18-events/conntrack-E-o-extended.txt', 'conntrack-extended'],
  [
    'linux-6.18-events/conntrack-E-o-timestamp-extended-id-ktimestamp-labels-userspace.txt',
    'conntrack-extended',
  ],
  ['linux-6.18-cut/conntrack-E-o-extended-id-labels.txt', 'conntrack-extended', / $/],
];
for (const capture of EVENTS) roundTrip(capture, parseConntrackEvent, formatConntrackEvent);

const EXPECTATIONS: readonly Capture<ConntrackExpectationStyle>[] = [
  ['linux-6.18/nf_conntrack_expect', 'nf_conntrack_expect'],
  ['linux-6.18-expectations/nf_conntrack_expect', 'nf_conntrack_expect'],
  ['linux-6.18-expectations/conntrack-L-expect.txt', 'conntrack'],
  ['linux-6.18-expectations/conntrack-E-expect.txt', 'conntrack'],
  ['linux-6.18-expectations/conntrack-E-expect-o-timestamp.txt', 'conntrack'],
];
for (const capture of EXPECTATIONS) {
  roundTrip(capture, parseConntrackExpectation, formatConntrackExpectation);
}

test('linux-6.18-events/conntrack-U-G-D.txt: each line reads and prints the same', () => {
  for (const line of lines('linux-6.18-events/conntrack-U-G-D.txt')) {
    const style = line.startsWith('ipv') ? 'conntrack-extended' : 'conntrack';
    assert.equal(formatConntrackEntry(parseConntrackLine(line), style), line);
  }
});

/** The fields that /proc and conntrack share and that traffic does not change at once. The kernel has no name for DCCP. */
function identity(entry: ConntrackEntry): string {
  const { family, protocolNumber, original, reply, mark, zone = 0, originalZone, replyZone } = entry;
  const { source, destination } = original;
  const tuples =
    entry.protocol === 'dccp' ? [{ source, destination }, reply.source] : [original, reply.source];
  return JSON.stringify([family, protocolNumber, tuples, mark, zone, originalZone, replyZone]);
}

test('linux-6.18-tables/: the same connections, whoever lists them, and no field that the library does not know', () => {
  const listed = ENTRIES.map(([name]) => name).filter((name) => name.startsWith('linux-6.18-tables/'));
  const [first = [], ...others] = listed.map((name) => lines(name).map((line) => parseConntrackLine(line)));
  const identities = (entries: readonly ConntrackEntry[]): string[] => entries.map(identity).sort();
  for (const entries of others) assert.deepEqual(identities(entries), identities(first));
  for (const entry of [first, ...others].flat()) assert.equal(entry.extra, undefined);
});

test('linux-6.18-events/: labels and program names end where they end', () => {
  const name = 'linux-6.18-events/conntrack-E-o-timestamp-extended-id-ktimestamp-labels-userspace.txt';
  const events = lines(name).map((line) => parseConntrackEvent(line));
  for (const { entry, userspace } of events)
    assert.deepEqual([entry.extra, userspace?.extra], [undefined, undefined]);
  const labelled = events.filter(({ entry }) => entry.labels !== undefined);
  const ofPrograms = labelled.filter(({ userspace }) => userspace !== undefined);
  assert.deepEqual(new Set(ofPrograms.map(({ entry }) => entry.labels?.join())), new Set(['bulk traffic']));
  const names = new Set(events.map(({ userspace }) => userspace?.programName));
  assert.ok(names.has('flow agent=[1]'));
});

/** Captures with `2>&1`: the number of entries is in conntrack's closing message, wherever that stands. */
for (const name of [
  'linux-6.18-tables/conntrack-L-o-extended-with-stderr.txt',
  'linux-6.18-events/conntrack-D-o-extended-id-with-stderr.txt',
]) {
  test(`${name}: the closing message is passed over, and no entry is lost to it`, async () => {
    const text = readFileSync(fixture(name), 'utf8');
    const [message = '', count] = /conntrack v\S+ \(conntrack-tools\): (\d+) flow .*\n/.exec(text) ?? [];
    const entries: ConntrackEntry[] = [];
    for await (const entry of conntrackEntries(createReadStream(fixture(name)))) entries.push(entry);
    assert.equal(entries.length, Number(count));
    const printed = entries.map((entry) => `${formatConntrackEntry(entry, 'conntrack-extended')}\n`);
    assert.equal(printed.join(''), text.replace(message, ''));
  });
}

/** Rows with the blanks at their ends. */
const SOCKETS: readonly Capture<SocketStyle>[] = [
  ...(['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((style): Capture<SocketStyle>[] => [
    [`linux-6.18/${style}`, style],
    [`proc-web-server/net/${style}`, style],
    [`linux-6.18-sockets/${style}`, style],
  ]),
  ...(['udplite', 'udplite6', 'raw', 'raw6'] as const).map((style): Capture<SocketStyle> => [
    `linux-6.18-sockets/${style}`,
    style,
  ]),
];
for (const capture of SOCKETS) {
  const [name] = capture;
  const [header = '', ...rows] = lines(name);
  test(`${name}: begins with a header`, () => {
    assert.ok(isSocketHeader(header));
  });
  roundTrip(capture, parseSocketLine, formatSocketEntry, rows);
}

test('linux-6.18-sockets/: every state that a row can show is there, in both families', () => {
  const states = ['LISTEN', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT'];
  for (const table of ['tcp', 'tcp6']) {
    const rows = lines(`linux-6.18-sockets/${table}`).slice(1);
    const seen = new Set(rows.map((row) => parseSocketLine(row).state));
    assert.deepEqual(seen, new Set([...states, 'CLOSE_WAIT', 'LAST_ACK', 'CLOSING']));
  }
});
