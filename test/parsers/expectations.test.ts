import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  formatConntrackExpectation,
  parseConntrackExpectation,
  ParseError,
  tryParseConntrackExpectation,
  type ConntrackExpectationStyle,
} from '../../parsers/index.js';

function lines(name: string): string[] {
  const text = readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

const TUPLE = 'src=192.0.2.1 dst=192.0.2.2 sport=0 dport=51210';

// Each as its source prints it.
const PRINTED: readonly (readonly [style: ConntrackExpectationStyle, line: string])[] = [
  ...lines('linux-6.18/nf_conntrack_expect').map((line) => ['nf_conntrack_expect', line] as const),
  ['nf_conntrack_expect', `- l3proto = 2 proto=17 ${TUPLE} PERMANENT,INACTIVE sip/signalling`],
  ['nf_conntrack_expect', `12 l3proto = 2 proto=6 ${TUPLE} `],
  [
    'nf_conntrack_expect',
    '5 l3proto = 10 proto=6 src=2001:0db8:0000:0000:0000:0000:0000:0001 dst=2001:0db8:0000:0000:0000:0000:0000:0002 sport=0 dport=21 ftp',
  ],
  ['nf_conntrack_expect', '200 l3proto = 2 proto=47 src=192.0.2.1 dst=192.0.2.2 srckey=0x0 dstkey=0x4f pptp'],
  ['nf_conntrack_expect', '200 l3proto = 2 proto=33 src=192.0.2.1 dst=192.0.2.2 USERSPACE'],
  ['ip_conntrack_expect', `- proto=6 ${TUPLE} `],
  ['ip_conntrack', `EXPECTING: 123 use=1 proto=6 ${TUPLE} `],
  ['ip_conntrack', `EXPECTING: - use=1 proto=6 ${TUPLE} `],
];

for (const [style, line] of PRINTED) {
  test(`${style}: ${line}`, () => {
    assert.equal(formatConntrackExpectation(parseConntrackExpectation(line), style), line);
  });
}

test('every published expectation reads, and prints the same', () => {
  for (const line of lines('published/expect.public.txt')) {
    assert.equal(formatConntrackExpectation(parseConntrackExpectation(line), 'conntrack'), line);
  }
});

test('the master may be of another protocol than what it expects', () => {
  const line =
    '    [NEW] 300 proto=47 src=192.0.2.1 dst=192.0.2.2 srckey=0x0 dstkey=0x4f mask-src=255.255.255.255 mask-dst=255.255.255.255 ' +
    'srckey=0x0 dstkey=0xffff master-src=192.0.2.1 master-dst=192.0.2.2 sport=1025 dport=1723 zone=5 class=0 helper=pptp';
  const expectation = parseConntrackExpectation(line);
  assert.ok(expectation.protocol === 'gre');
  assert.deepEqual(expectation.tuple, {
    source: '192.0.2.1',
    destination: '192.0.2.2',
    sourceKey: 0,
    destinationKey: 0x4f,
  });
  assert.deepEqual(expectation.master, {
    source: '192.0.2.1',
    destination: '192.0.2.2',
    sourcePort: 1025,
    destinationPort: 1723,
  });
  assert.equal(expectation.type, 'NEW');
  assert.equal(formatConntrackExpectation(expectation, 'conntrack'), line);
});

test('flags and class that run together, as in a snapshot of 2012, are told apart, and unknown ones are kept', () => {
  const { flags, class: policyClass } = parseConntrackExpectation(`proto=17 ${TUPLE} PERMANENTclass=3`);
  assert.deepEqual([flags.permanent, flags.inactive, policyClass], [true, false, 3]);
  const { extra, helper } = parseConntrackExpectation(
    `9 proto=17 ${TUPLE} ftp NEWWORD newkey=1 [FLAG x] zone=1 zone=2`,
  );
  assert.deepEqual([helper, extra], ['ftp', ['NEWWORD', 'newkey=1', '[FLAG x]', 'zone=2']]);
  const foreign = parseConntrackExpectation('9 proto=2 src=192.0.2.1 dst=192.0.2.2 sport=7 dport=9');
  assert.deepEqual(foreign.extra, ['sport=7', 'dport=9']);
});

test('IPv4-mapped addresses are unmapped on request, and printed mapped again', () => {
  const line = `300 proto=17 src=::ffff:192.0.2.1 dst=2001:db8::1 sport=1 dport=2 mask-src=ffff:: mask-dst=:: sport=0 dport=65535 master-src=::ffff:192.0.2.1 master-dst=2001:db8::1 sport=1 dport=2`;
  const expectation = parseConntrackExpectation(line, { unmapIpv4: true });
  assert.deepEqual([expectation.family, expectation.tuple.source], ['ipv6', '192.0.2.1']);
  assert.equal(formatConntrackExpectation(expectation, 'conntrack'), line);
});

const BROKEN: readonly [line: string, code: string, field: string, column: number][] = [
  ['', 'empty-line', 'line', 1],
  ['rubbish', 'not-expectation', 'line', 1],
  ['[', 'not-expectation', 'line', 1],
  ['296 l3proto = 2', 'not-expectation', 'line', 15],
  ['296 l3proto =', 'not-expectation', 'line', 5],
  ['udp      17 30 src=192.0.2.1 dst=192.0.2.2', 'not-expectation', 'line', 1],
  ['5 proto=256 src=192.0.2.1 dst=192.0.2.2', 'out-of-range', 'proto', 9],
  ['5 proto=6 src=192.0.2.1 dst=192.0.2.2', 'missing-field', 'sport', 38],
  ['5 proto=6 src=192.0.2.1 dst=::1', 'mixed-families', 'dst', 29],
  ['5 proto=2 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.1', 'duplicate-field', 'src', 39],
  ['5 proto=2 src=192.0.2.1 dst=192.0.2.2 mask-src=192.0.2.1', 'missing-field', 'dst', 57],
  ['5 proto=2 src=192.0.2.1 dst=192.0.2.2 mask-dst=192.0.2.1', 'missing-field', 'src', 57],
  ['5 proto=2 src=192.0.2.1 dst=192.0.2.2 master-dst=192.0.2.1', 'missing-field', 'src', 59],
  ['5 l3proto = 10 proto=2 src=192.0.2.1 dst=192.0.2.2', 'mixed-families', 'src', 28],
  ['99999999999999999999 proto=2 src=192.0.2.1 dst=192.0.2.2', 'out-of-range', 'timeout', 1],
  ['5 proto=2 src=192.0.2.1 dst=192.0.2.2 [FLA', 'unterminated-flag', 'line', 39],
];

for (const [line, code, field, column] of BROKEN) {
  test(`${code}: ${line}`, () => {
    const result = tryParseConntrackExpectation(line);
    assert.ok(!result.ok);
    const { error } = result;
    assert.deepEqual([error.code, error.field, error.column], [code, field, column]);
    assert.throws(() => parseConntrackExpectation(line), ParseError);
  });
}
