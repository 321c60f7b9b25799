import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';
import { formatConntrackEntry, type ConntrackStyle } from '../../parsers/conntrack/format-entry.js';
import { parseConntrackLine, tryParseConntrackLine } from '../../parsers/conntrack/parse-entry.js';
import { ParseError } from '../../parsers/parse-error.js';
import { brokenRule } from '../support/parsers/result-rules.js';

const STYLES: readonly ConntrackStyle[] = ['nf_conntrack', 'ip_conntrack', 'conntrack', 'conntrack-extended'];

function published(name: string): string[] {
  return readFileSync(new URL(`../../../fixtures/published/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

test('a record printed in any style reads back the same', () => {
  fc.assert(
    fc.property(conntrackEntry(), fc.constantFrom(...STYLES), (entry, style) => {
      assert.deepEqual(parseConntrackLine(formatConntrackEntry(entry, style)), entry);
    }),
  );
});

test('every published line parses, and prints back to the byte', () => {
  const files = {
    'nf_conntrack.public.txt': 'nf_conntrack',
    'ip_conntrack.public.txt': 'ip_conntrack',
  } as const;
  for (const [file, style] of Object.entries(files)) {
    for (const line of published(file))
      assert.equal(formatConntrackEntry(parseConntrackLine(line), style), line);
  }
  for (const line of published('conntrack-L.public.txt')) {
    const style = line.startsWith('ipv') ? 'conntrack-extended' : 'conntrack';
    assert.equal(formatConntrackEntry(parseConntrackLine(line), style), line);
  }
  for (const line of published('vendor-kernels.public.txt')) {
    assert.equal(formatConntrackEntry(parseConntrackLine(line)), line);
  }
});

test('damaged lines give entries or ParseErrors, never anything else', () => {
  const lines = [
    ...published('nf_conntrack.mangled.txt'),
    ...published('ip_conntrack.mangled.txt'),
    ...published('conntrack-L.mangled.txt'),
    ...published('vendor-kernels.mangled.txt'),
    ...published('handwritten-fixtures.public.txt'),
    ...published('conntrack-E.public.txt'),
  ];
  for (const line of lines) {
    const result = tryParseConntrackLine(line);
    if (!result.ok) assert.ok(result.error instanceof ParseError);
  }
});

test('any mutation of a line gives an entry or a ParseError whose column lies in the line', () => {
  const cut = fc.tuple(
    conntrackEntry(),
    fc.nat(400),
    fc.nat(60),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  fc.assert(
    fc.property(cut, ([entry, at, length, inserted]) => {
      const line = formatConntrackEntry(entry);
      const mutated = line.slice(0, at) + inserted + line.slice(at + length);
      const result = tryParseConntrackLine(mutated);
      if (result.ok) return;
      assert.ok(result.error instanceof ParseError);
      assert.ok(result.error.column >= 1 && result.error.column <= mutated.length + 1);
    }),
    { numRuns: 2000 },
  );
});

test('the order of the fields does not matter, as long as the original comes before the reply', () => {
  const line =
    'ipv4     2 udp      17 30 [UNREPLIED] use=2 mark=7 sport=1 dport=53 bytes=100 packets=1 dst=192.0.2.2 src=192.0.2.1 ' +
    'packets=0 bytes=0 dst=192.0.2.1 src=192.0.2.2 dport=1 sport=53 zone=0';
  assert.equal(
    formatConntrackEntry(parseConntrackLine(line)),
    'ipv4     2 udp      17 30 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=53 packets=1 bytes=100 [UNREPLIED] ' +
      'src=192.0.2.2 dst=192.0.2.1 sport=53 dport=1 packets=0 bytes=0 mark=7 zone=0 use=2',
  );
});

test('an offloaded entry has neither timeout nor state, and GRE keeps its own timeouts', () => {
  const offloaded = parseConntrackLine(
    'ipv4     2 tcp      6 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 [HW_OFFLOAD] mark=0 use=3',
  );
  assert.ok(offloaded.protocol === 'tcp' && offloaded.status.hardwareOffload);
  assert.equal(offloaded.state, undefined);
  assert.equal(offloaded.timeoutSeconds, undefined);
  const gre = parseConntrackLine(
    'ipv4     2 gre      47 timeout=30, stream_timeout=180 src=192.0.2.1 dst=192.0.2.2 srckey=0x0 dstkey=0x4f src=192.0.2.2 dst=192.0.2.1 srckey=0x4f dstkey=0x0 [OFFLOAD] use=2',
  );
  assert.ok(gre.protocol === 'gre');
  assert.deepEqual(gre.greTimeouts, { timeoutSeconds: 30, streamTimeoutSeconds: 180 });
  assert.equal(gre.original.destinationKey, 0x4f);
});

const BROKEN: readonly [line: string, code: string, field: string, column: number][] = [
  ['', 'empty-line', 'line', 1],
  ['Nov 23 11:22:40 gw tcp 6 src=192.0.2.1 dst=192.0.2.2', 'not-conntrack', 'line', 1],
  ['[NEW] tcp      6 src=1.2.3.4', 'not-conntrack', 'line', 1],
  ['udp      17 30 src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2', 'missing-field', 'src', 55],
  [
    'udp      17 30 src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2 src=1.2.3.5 dst=1.2.3.4 sport=2',
    'missing-field',
    'dport',
    87,
  ],
  ['udp      17 30 src=1.2.3.400 dst=1.2.3.5', 'invalid-address', 'src', 20],
  ['udp      17 30 src=1.2.3.4 dst=1.2.3.5 sport=65536 dport=2', 'out-of-range', 'sport', 46],
  [
    'udp      17 30 src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2 packets=18446744073709551616',
    'out-of-range',
    'packets',
    64,
  ],
  ['udp      17 30 src=1.2.3.4 dst=1.2.3.5 sport=x dport=2', 'invalid-number', 'sport', 46],
  [
    'udp      17 30 src=1.2.3.4 dst=::1 sport=1 dport=2 src=::1 dst=1.2.3.4 sport=2 dport=1',
    'mixed-families',
    'dst',
    32,
  ],
  ['dccp 33 src=1.2.3.4 dst=1.2.3.5 dport=5 src=1.2.3.5 dst=1.2.3.4', 'missing-field', 'sport', 64],
  ['gre 47 timeout=é, stream_timeout=1 src=1.2.3.4', 'invalid-number', 'timeout', 16],
  [
    'udp 17 src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2 src=1.2.3.5 dst=1.2.3.4 sport=2 dport=1 [ASSU',
    'unterminated-flag',
    'line',
    88,
  ],
  [
    'unknown 2 src=1.2.3.4 dst=1.2.3.5 src=1.2.3.5 dst=1.2.3.4 use=1 src=1.2.3.4',
    'duplicate-field',
    'src',
    65,
  ],
];

for (const [line, code, field, column] of BROKEN) {
  test(`${code}: ${line}`, () => {
    const result = tryParseConntrackLine(line);
    assert.ok(!result.ok);
    const { error } = result;
    assert.deepEqual([error.code, error.field, error.column], [code, field, column]);
    assert.equal(brokenRule(line, result), undefined);
    assert.throws(() => parseConntrackLine(line), ParseError);
  });
}

test('a message shows no control characters and cuts what is long', () => {
  const result = tryParseConntrackLine(`udp 17 src=\u001b[31m${'9'.repeat(500)}`);
  assert.ok(!result.ok);
  assert.doesNotMatch(result.error.message, /\p{Cc}/u);
  assert.ok(result.error.message.length < 200);
});

test('a mark of minus nothing is 0', () => {
  const line =
    'udp 17 src=1.2.3.4 dst=1.2.3.5 sport=1 dport=2 src=1.2.3.5 dst=1.2.3.4 sport=2 dport=1 mark=-0';
  assert.equal(parseConntrackLine(line).mark, 0);
});

test('unknown fields are printed where they read as such again', () => {
  const ends = 'src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1';
  for (const [line, extra] of [
    [`igmp 2 ${ends} use=1 use=2`, ['use=2']],
    [`igmp 2 ${ends} word w[ secctx=a`, ['word', 'w[']],
    [
      `igmp 2 ${ends} one two [FLAG] secctx=a b use=1 id=2 labels id=3 labels=x y`,
      ['one', 'two', '[FLAG]', 'id=3', 'labels=x y'],
    ],
  ] as const) {
    const entry = parseConntrackLine(line);
    assert.deepEqual(entry.extra, extra);
    assert.deepEqual(parseConntrackLine(formatConntrackEntry(entry)), entry);
  }
});
