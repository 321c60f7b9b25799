import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackLine, mutatedLine } from '../../parsers/arbitraries/index.js';
import { beforeTrailer } from '../../parsers/conntrack/noise.js';
import { ConntrackLineParser } from '../../parsers/conntrack/parse-entry.js';
import { ConntrackScanner, DECLINED } from '../../parsers/conntrack/scan-entry.js';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection } from '../../src/engine/connection.js';
import { readEntry, readScanned } from '../../src/sources/text/read-entry.js';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);
const addresses = new AddressIds();
const scanner = new ConntrackScanner();
const parser = new ConntrackLineParser();

/**
 * A line that the scanner takes is a whole entry, and the same connection as the parser of entries reads there.
 * @returns whether it took the line
 */
function assertAgrees(line: Buffer | string): boolean {
  const shown = JSON.stringify(line.toString());
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from('\n')]);
  const end = scanner.scan(bytes, 0);
  if (end === DECLINED) return false;
  assert.equal(end, bytes.indexOf('\n'), shown);
  const scanned = new Connection();
  readScanned(scanned, scanner, addresses);
  const result = parser.parse(bytes, 0, end);
  assert.ok(result.ok, `the parser refuses what the scanner takes: ${shown}`);
  assert.equal(beforeTrailer(line.toString()), undefined, 'an interrupted entry waits for the rest of it');
  const parsed = new Connection();
  readEntry(parsed, result.value, addresses);
  assert.deepEqual(scanned, parsed, shown);
  return true;
}

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** Every fixture, whatever kind of lines it has. */
function allFixtures(): string[] {
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(new URL(file, FIXTURES)).isFile(),
  );
}

/** Pieces that mean something in a line, so that mutations reach beyond its first fault. */
const PIECES: readonly string[] = [
  ...[
    ' ',
    '  ',
    '\t',
    '\r',
    '=',
    ':',
    '::',
    '.',
    '-',
    '0',
    '00',
    '9',
    '256',
    '65536',
    '4294967296',
    'f',
    'x',
  ],
  ...[
    ' src=',
    ' dst=192.0.2.1',
    ' sport=7',
    ' dport=',
    ' packets=1',
    ' bytes=2',
    ' id=3',
    ' type=8',
    ' code=0',
  ],
  ...[
    ' mark=5',
    ' mark=-1',
    ' use=',
    ' zone=1',
    ' secctx=a',
    ' labels',
    ' helper=ftp',
    ' delta-time=1',
    ' x=y',
  ],
  ...['[ASSURED]', ' [UNREPLIED]', '[', ']', '[x y]', ' (conntrack-tools):', ' word', '2', 'SYN_SENT', '_'],
  ...['ipv4     2 ', 'ipv6     10 ', 'tcp      6', 'unknown  2', '999999999999999', '18446744073709551615'],
];

const printed = conntrackLine();
const recorded = fc.constantFrom(...allFixtures().flatMap(linesOf));
const line = fc.oneof(printed, recorded);

test('the scanner agrees with the parser on every line of every fixture', () => {
  for (const some of allFixtures().flatMap(linesOf)) assertAgrees(some);
});

test('the scanner agrees with the parser on every printed entry', () => {
  fc.assert(
    fc.property(printed, (some) => void assertAgrees(some)),
    { numRuns: 2000 },
  );
});

test('the scanner agrees with the parser on any mutation of a line', () => {
  fc.assert(
    fc.property(mutatedLine(line), (mutated) => void assertAgrees(mutated)),
    { numRuns: 10_000 },
  );
});

test('the scanner agrees with the parser where pieces of lines are put in', () => {
  const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 }));
  const mutation = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), piece);
  fc.assert(
    fc.property(line, fc.array(mutation, { minLength: 1, maxLength: 3 }), (some, mutations) => {
      let mutated = some;
      for (const [where, removed, inserted] of mutations) {
        const at = Math.floor(where * (mutated.length + 1));
        mutated = mutated.slice(0, at) + inserted + mutated.slice(at + removed);
      }
      // A newline ends the line for whoever splits lines, who comes before both.
      assertAgrees(mutated.split('\n', 1)[0] ?? '');
    }),
    { numRuns: 20_000 },
  );
});

test('the scanner agrees with the parser on any two pieces behind the reply, one field given twice included', () => {
  const whole = 'tcp      6 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1';
  for (const first of [...PIECES, ' zone=0', ' [OFFLOAD]']) {
    for (const second of [...PIECES, ' zone=2', ' zone=x', ' [HW_OFFLOAD]'])
      assertAgrees(`${whole}${first}${second}`);
  }
});

/** The changes to the word at a place of a line, and to the next word. */
const EDITS: readonly ((words: string[], at: number, other: number) => void)[] = [
  (words, at) => words.splice(at, 1),
  (words, at, other) => words.splice(other, 0, ...words.splice(at, 1)),
  (words, at, other) => words.splice(other, 0, words[at] ?? ''),
  (words, at) => words.splice(at, 2, words.slice(at, at + 2).join('')),
  (words, at) => words.splice(at, 1, (words[at] ?? '').replace(/=.*/, '=')),
  (words, at) => words.splice(at, 1, `${words[at] ?? ''}0`),
  (words, at) => words.splice(at, 0, ''),
];

test('the scanner agrees with the parser where words go, move, double, grow or run together', () => {
  const edit = fc.tuple(fc.constantFrom(...EDITS), fc.nat(), fc.nat());
  // One address of few short words: then edits meet each other.
  const short = fc.constantFrom(
    'tcp      6 5 ESTABLISHED src=::1 dst=::2 sport=1 dport=2 packets=1 bytes=2 src=::2 dst=::1 sport=2 dport=1 packets=3 bytes=4 mark=0 [ASSURED] use=1',
    'udp      17 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1 mark=0 [ASSURED]',
    'icmp     1 5 src=1.1.1.1 dst=2.2.2.2 type=8 code=0 id=1 packets=1 [UNREPLIED] src=2.2.2.2 dst=1.1.1.1 type=0 code=0 id=1 use=1',
  );
  fc.assert(
    fc.property(fc.oneof(line, short), fc.array(edit, { minLength: 1, maxLength: 4 }), (some, edits) => {
      const words = some.split(' ');
      for (const [change, at, other] of edits) change(words, at % words.length, other % (words.length + 1));
      assertAgrees(words.join(' '));
    }),
    { numRuns: 30_000 },
  );
});

test('the scanner takes what kernels and conntrack print of the usual protocols', () => {
  for (const file of ['linux-6.18/nf_conntrack', 'linux-6.18/conntrack-L.txt']) {
    const lines = linesOf(file).filter((some) =>
      /^(?:ipv[46] +\d+ )?(?:tcp|udp|icmp|icmpv6|sctp) /.test(some),
    );
    const declined = lines.filter((some) => !assertAgrees(some));
    // Places for fields of rarer kinds: zones of one direction, labels with blanks.
    assert.ok(declined.length <= lines.length / 10, declined.join('\n'));
  }
});

test('the scanner never looks beyond the newline of its line', () => {
  fc.assert(
    fc.property(line, line, fc.nat(), (first, second, cut) => {
      const text = first.slice(0, cut % (first.length + 1));
      const alone = scanner.scan(Buffer.from(`${text}\n`), 0);
      assert.equal(scanner.scan(Buffer.from(`${text}\n${second}\n`), 0), alone);
    }),
    { numRuns: 5000 },
  );
});
