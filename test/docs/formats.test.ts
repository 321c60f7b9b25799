import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatConntrackEntry,
  parseConntrackLine,
  parseSocketLine,
  tryParseConntrackLine,
} from 'hostflow/parsers';
import { codeBlocks, readText } from './markdown.js';

const formats = readText('docs/formats.md');
const lines = (info: string): string[] =>
  codeBlocks(formats)
    .filter((block) => block.info === info)
    .flatMap(({ text }) => text.trimEnd().split('\n'));

void test('the conntrack lines shown are parsed whole and printed alike', () => {
  assert.ok(lines('conntrack').length >= 8);
  for (const line of lines('conntrack')) {
    const entry = parseConntrackLine(line);
    const styles = ['nf_conntrack', 'ip_conntrack', 'conntrack', 'conntrack-extended'] as const;
    assert.ok(
      styles.some((style) => formatConntrackEntry(entry, style) === line),
      line,
    );
    assert.equal(entry.extra, undefined, line);
  }
});

void test('the line shown as not read is not', () => {
  assert.ok(lines('text').length > 0);
  for (const line of lines('text')) assert.equal(tryParseConntrackLine(line).ok, false, line);
});

void test('the socket rows shown are parsed, with the values that the table names', () => {
  const [first, ...others] = lines('sockets').map((line) => parseSocketLine(line));
  assert.ok(others.length >= 3);
  assert.deepEqual(first?.local, { address: '192.0.2.1', port: 36420 });
  assert.deepEqual(first.remote, { address: '203.0.113.10', port: 3306 });
  assert.equal(first.state, 'ESTABLISHED');
});
