/** Printed records read back the same, and read lines print the same, in every format and style. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry, conntrackLine, mutatedLine, socketEntry } from '../../parsers/arbitraries/index.js';
import {
  formatConntrackEntry,
  formatSocketEntry,
  parseConntrackLine,
  parseSocketLine,
  tryParseConntrackLine,
  unmapIpv4,
  type ConntrackEntry,
  type ConntrackStyle,
  type ParseResult,
} from '../../parsers/index.js';
import { ConntrackLineParser } from '../../parsers/conntrack/parse-entry.js';
import { LINE_FORMATS } from '../support/parsers/line-formats.js';

for (const each of LINE_FORMATS) {
  const { name, value, line, tryParse } = each;
  test(`${name}: any value reads back from its print`, () => {
    fc.assert(
      fc.property(value, (any) => {
        assert.deepEqual(tryParse(each.format(any)), { ok: true, value: any });
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: any line prints again to the byte`, () => {
    fc.assert(
      fc.property(line, (text) => {
        const result = tryParse(text);
        assert.equal(result.ok ? each.format(result.value) : result.error.message, text);
      }),
      { numRuns: 300 },
    );
  });
}

/** The entry with its IPv4-mapped addresses as IPv4; its family stays. */
function unmapped(entry: ConntrackEntry): ConntrackEntry {
  const copy = structuredClone(entry);
  for (const tuple of [copy.original, copy.reply]) {
    tuple.source = unmapIpv4(tuple.source);
    tuple.destination = unmapIpv4(tuple.destination);
  }
  return copy;
}

test('an address unmapped on request prints as it stood in the line', () => {
  fc.assert(
    fc.property(
      conntrackEntry({ family: 'ipv6' }),
      fc.constantFrom<ConntrackStyle>('nf_conntrack', 'conntrack'),
      (entry, style) => {
        const line = formatConntrackEntry(entry, style);
        const read = parseConntrackLine(line, { unmapIpv4: true });
        assert.deepEqual(read, unmapped(entry));
        assert.equal(formatConntrackEntry(read, style), line);
      },
    ),
  );
  fc.assert(
    fc.property(socketEntry('tcp6'), (entry) => {
      const line = formatSocketEntry(entry, 'tcp6');
      const read = parseSocketLine(line, { unmapIpv4: true });
      assert.deepEqual(
        [read.local.address, read.remote.address],
        [unmapIpv4(entry.local.address), unmapIpv4(entry.remote.address)],
      );
      assert.equal(formatSocketEntry(read, 'tcp6'), line);
    }),
  );
});

/** A result without what errors have besides their details. */
function comparable(result: ParseResult<ConntrackEntry>): unknown {
  if (result.ok) return result;
  const { code, field, column, text, expected } = result.error;
  return { code, field, column, text, expected };
}

test('bytes and text read alike, whatever was read before with the same memory', () => {
  const parser = new ConntrackLineParser();
  fc.assert(
    fc.property(mutatedLine(conntrackLine()), fc.nat(20), (line, before) => {
      const bytes = Buffer.concat([
        Buffer.alloc(before, 'x'),
        typeof line === 'string' ? Buffer.from(line) : line,
        Buffer.from('\nx'),
      ]);
      const fromBytes = parser.parse(bytes, before, bytes.length - 2);
      assert.deepEqual(comparable(fromBytes), comparable(tryParseConntrackLine(line.toString())));
    }),
    { numRuns: 2000 },
  );
});
