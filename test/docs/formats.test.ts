import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  formatConntrackEntry,
  formatConntrackEvent,
  formatConntrackExpectation,
  formatSocketEntry,
  parseConntrackEvent,
  parseConntrackExpectation,
  parseConntrackLine,
  parseSocketLine,
  socketLayoutOf,
  tryParseConntrackLine,
  type ByteOrder,
  type ConntrackEntry,
  type ConntrackExpectation,
} from 'hostflow/parsers';
import { codeBlocks, readText, ROOT } from './markdown.js';

const formats = readText('docs/formats.md');

interface ShownLine {
  line: string;
  /** The words behind the kind: `older` need not print byte for byte, `made` is in no capture, `extra` has unknown fields. */
  words: string[];
}

function shownLines(kind: string): ShownLine[] {
  return codeBlocks(formats)
    .map(({ info, text }) => ({ words: info.split(' '), lines: text.replace(/\n$/, '').split('\n') }))
    .filter(({ words }) => words[0] === kind)
    .flatMap(({ words, lines }) => lines.map((line) => ({ line, words: words.slice(1) })));
}

/** All lines of the fixtures, without the blanks that the tables are padded with. */
const captured = new Set(
  readdirSync(new URL('fixtures', ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8').split('\n'))
    .map((line) => line.trimEnd()),
);

/** A kind of line: its parser, and a printer for each of its styles. */
interface Format<T> {
  kind: string;
  atLeast: number;
  parse: (line: string) => T;
  print: ((value: T) => string)[];
}

function testFormat<T extends object>({ kind, atLeast, parse, print }: Format<T>): void {
  test(`${kind}: the lines shown are real, parsed whole, and printed alike`, () => {
    const shown = shownLines(kind);
    assert.ok(shown.length >= atLeast);
    for (const { line, words } of shown) {
      const value = parse(line);
      const printed = print.map((format) => format(value));
      assert.equal(captured.has(line), !words.includes('made'), `in a capture: ${line}`);
      if (words.includes('older'))
        for (const text of printed) assert.deepEqual(parse(text), value, `${line}\n${text}`);
      else assert.ok(printed.map((text) => text.trimEnd()).includes(line), line);
      const record = 'entry' in value ? (value.entry as object) : value;
      assert.equal('extra' in record, words.includes('extra'), line);
    }
  });
}

testFormat({
  kind: 'conntrack',
  atLeast: 12,
  parse: (line) => parseConntrackLine(line),
  print: (['nf_conntrack', 'ip_conntrack', 'conntrack', 'conntrack-extended'] as const).map(
    (style) => (entry: ConntrackEntry) => formatConntrackEntry(entry, style),
  ),
});

testFormat({
  kind: 'event',
  atLeast: 6,
  parse: (line) => parseConntrackEvent(line),
  print: [(event) => formatConntrackEvent(event)],
});

testFormat({
  kind: 'expectation',
  atLeast: 6,
  parse: (line) => parseConntrackExpectation(line),
  print: (['nf_conntrack_expect', 'ip_conntrack_expect', 'ip_conntrack', 'conntrack'] as const).map(
    (style) => (expectation: ConntrackExpectation) => formatConntrackExpectation(expectation, style),
  ),
});

test('sockets: the rows shown are real, and printed alike', () => {
  const shown = shownLines('sockets');
  assert.ok(shown.length >= 7);
  for (const { line, words } of shown) {
    const byteOrder: ByteOrder = words.includes('big-endian') ? 'big' : 'little';
    const socket = parseSocketLine(line, { byteOrder });
    assert.ok(captured.has(line), line);
    assert.equal(socket.extra, undefined);
    const style = socket.family === 'ipv4' ? 'tcp' : 'tcp6';
    assert.equal(formatSocketEntry(socket, style, { byteOrder, layout: socketLayoutOf(line) }), line);
  }
});

test('the socket rows shown have the values that the page names', () => {
  const [first, second, , ...others] = shownLines('sockets').map(({ line }) => parseSocketLine(line));
  assert.deepEqual(first?.local, { address: '192.0.2.1', port: 36420 });
  assert.deepEqual(first.remote, { address: '203.0.113.10', port: 3306 });
  assert.equal(first.state, 'ESTABLISHED');
  assert.deepEqual([second?.kind, second?.state], ['bare', 'TIME_WAIT']);
  assert.deepEqual(
    others.map(({ kind }) => kind),
    ['datagram', 'datagram', 'datagram', 'tcp'],
  );
});

test('the timestamp padded with blanks has the microseconds that the page names', () => {
  const [older] = shownLines('event').filter(({ words }) => words.includes('older'));
  assert.equal(parseConntrackEvent(older?.line ?? '').timestamp?.microseconds, 1234);
});

test('the line shown as not read is not', () => {
  const shown = shownLines('text');
  assert.ok(shown.length > 0);
  for (const { line } of shown) assert.equal(tryParseConntrackLine(line).ok, false, line);
});

test('the page names every field of the records', () => {
  const named = new Set(formats.match(/`[^`\n]+`/g)?.flatMap((code) => code.match(/\w+/g) ?? []));
  for (const module of [
    'conntrack/entry',
    'conntrack/event',
    'conntrack/expectation',
    'socket/socket-entry',
  ]) {
    const fields = readText(`parsers/${module}.ts`).matchAll(/^ {2}(\w+)\??: /gm);
    for (const [, field = ''] of fields) assert.ok(named.has(field), field);
  }
});
