/** Spellings of only some kernels, vendors and versions of conntrack-tools, and of people who type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConntrackEntry, ConntrackProtocol } from '../../parsers/conntrack/entry.js';
import { formatConntrackEntry } from '../../parsers/conntrack/format-entry.js';
import { beforeTrailer, isConntrackNoise } from '../../parsers/conntrack/noise.js';
import { parseConntrackLine, tryParseConntrackLine } from '../../parsers/conntrack/parse-entry.js';
import { conntrackEntry } from '../../parsers/arbitraries/index.js';

const ENDS = 'src=192.0.2.1 dst=192.0.2.2';
const BACK = 'src=192.0.2.2 dst=192.0.2.1';

function parseAs<P extends ConntrackProtocol>(line: string, protocol: P): ConntrackEntry & { protocol: P } {
  const entry = parseConntrackLine(line);
  assert.equal(entry.protocol, protocol);
  return entry as ConntrackEntry & { protocol: P };
}

function faultOf(line: string): [code: string, field: string, text: string] {
  const result = tryParseConntrackLine(line);
  assert.ok(!result.ok, line);
  const { code, field, text, column } = result.error;
  assert.equal(line.slice(column - 1, column - 1 + text.length), text);
  return [code, field, text];
}

test('DCCP without ports, as libnetfilter_conntrack printed it until 2009, has addresses only', () => {
  const line = `dccp     33 100 OPEN ${ENDS} ${BACK} use=1`;
  const entry = parseAs(line, 'unknown');
  assert.deepEqual([entry.protocolName, entry.protocolNumber, entry.state], ['dccp', 33, 'OPEN']);
  assert.ok(!('sourcePort' in entry.original));
  assert.equal(formatConntrackEntry(entry, 'conntrack'), line);
  assert.deepEqual(faultOf(`dccp     33 100 OPEN ${ENDS} sport=1 dport=2 ${BACK} use=1`), [
    'missing-field',
    'sport',
    '',
  ]);
});

test('a byte count at the end, as the layer7 patch of kernels 2.4 prints it, is no accounting', () => {
  const entry = parseAs(
    `udp      17 30 ${ENDS} sport=1 dport=2 ${BACK} sport=2 dport=1 use=1 bytes=77`,
    'udp',
  );
  assert.ok(!('originalCounters' in entry || 'replyCounters' in entry));
  assert.deepEqual(entry.extra, ['bytes=77']);
  assert.deepEqual(parseConntrackLine(formatConntrackEntry(entry, 'ip_conntrack')), entry);
});

test('any other counter that stands alone is a fault', () => {
  const udp = `udp      17 30 ${ENDS} sport=1 dport=2 ${BACK} sport=2 dport=1`;
  assert.deepEqual(faultOf(`${udp} packets=7`), ['missing-field', 'bytes', '']);
  assert.deepEqual(faultOf(`${udp} packets=7 packets=8`), ['missing-field', 'bytes', '']);
  assert.deepEqual(faultOf(`${udp} bytes=7 bytes=8`), ['missing-field', 'packets', '']);
  assert.deepEqual(faultOf(`${udp} packets=7 bytes=seven`), ['invalid-number', 'bytes', 'seven']);
  assert.deepEqual(faultOf(`${udp} packets=${'9'.repeat(21)}`), ['out-of-range', 'packets', '9'.repeat(21)]);
});

test('GRE of the PPTP patches of kernels 2.4 has a version and a protocol', () => {
  const keys = 'version=1 protocol=0x880b srckey=0x4f dstkey=0x0';
  const line = `gre      47 599 timeout=600, stream_timeout=432000 ${ENDS} ${keys} ${BACK} ${keys} [ASSURED] use=1`;
  const { original, reply } = parseAs(line, 'gre');
  assert.deepEqual(
    [original.version, original.greProtocol, original.sourceKey, original.destinationKey],
    [1, 0x880b, 0x4f, 0],
  );
  assert.equal(reply.greProtocol, 0x880b);
  assert.equal(formatConntrackEntry(parseConntrackLine(line), 'ip_conntrack'), line);
});

test('GRE has both timeouts or none', () => {
  const keys = 'srckey=0x4f dstkey=0x0';
  const tail = `${ENDS} ${keys} ${BACK} ${keys} use=1`;
  assert.deepEqual(faultOf(`gre      47 9 timeout=30, ${tail}`), ['missing-field', 'stream_timeout', '']);
  assert.deepEqual(faultOf(`gre      47 9 stream_timeout=180 ${tail}`), ['missing-field', 'timeout', '']);
  assert.deepEqual(faultOf(`gre      47 9 ${tail.replace('0x4f', '4f')}`), [
    'invalid-number',
    'srckey',
    '4f',
  ]);
  assert.deepEqual(parseAs(`gre      47 9 ${tail} timeout=1, stream_timeout=2 timeout=3`, 'gre').extra, [
    'timeout=3',
  ]);
});

test('marks, timers and zones may be signed, hexadecimal or of 64 bits where that was ever printed', () => {
  const line = (timeout: string, rest: string): string => `unknown  2 ${timeout} ${ENDS} ${BACK} ${rest}`;
  assert.equal(parseConntrackLine(line('-5', 'use=1')).timeoutSeconds, -5);
  assert.equal(parseConntrackLine(line('-9223372036854775808', 'use=1')).timeoutSeconds, -(2n ** 63n));
  assert.equal(Object.is(parseConntrackLine(line('-0', 'use=1')).timeoutSeconds, 0), true);
  assert.equal(parseConntrackLine(line('5', 'mark=-1')).mark, -1);
  assert.equal(parseConntrackLine(line('5', 'mark=0xFF')).mark, 255);
  assert.deepEqual(faultOf(line('5', 'mark=-2147483649')), ['out-of-range', 'mark', '-2147483649']);
  assert.deepEqual(faultOf(line('5', 'mark=4294967296')), ['out-of-range', 'mark', '4294967296']);
  assert.deepEqual(faultOf(line('5', 'mark=red')), ['invalid-number', 'mark', 'red']);
  assert.deepEqual(faultOf(line('5', 'zone=')), ['invalid-number', 'zone', '']);
});

test('a family that the kernel has no name for is not taken for a protocol', () => {
  const tcp = `tcp      6 9 ${ENDS} sport=1 dport=2 ${BACK} sport=2 dport=1 use=1`;
  assert.deepEqual(parseConntrackLine(`unknown  2 ${tcp}`), parseConntrackLine(tcp));
  assert.equal(parseAs(`ipv4 ${tcp}`, 'tcp').family, 'ipv4');
  assert.deepEqual(faultOf(`unknown  2`), ['missing-field', 'src', '']);
  // A state may follow a protocol without a name. It is no protocol's name.
  assert.equal(parseAs(`unknown  99 CLOSE ${ENDS} ${BACK} use=1`, 'unknown').state, 'CLOSE');
});

test('a line without a protocol is none of conntrack', () => {
  for (const [line, text] of [
    ['ipv4     2', ''],
    [`ipv4     2 ${ENDS}`, 'src=192.0.2.1'],
    ['rubbish', 'rubbish'],
    ['17 udp', '17'],
  ] as const) {
    assert.deepEqual(faultOf(line), ['not-conntrack', 'line', text]);
  }
  // A protocol that is known needs no number.
  assert.equal(parseAs(`udp ${ENDS} sport=1 dport=2 ${BACK} sport=2 dport=1`, 'udp').protocolNumber, 17);
});

test('text that is no address is printed as it stands', () => {
  fc.assert(
    fc.property(conntrackEntry(), fc.constantFrom('db01', '-', ''), (entry, name) => {
      const renamed = { ...entry, original: { ...entry.original, source: name } } as ConntrackEntry;
      assert.ok(formatConntrackEntry(renamed).includes(` src=${name} dst=`));
    }),
  );
});

test("conntrack's closing message, fallen into an entry, is found and leaves the beginning", () => {
  const kinds = fc.constantFrom('flow entries', 'flow events', 'expectations');
  const version = fc.constantFrom('1.4.6', '1.2.1', '1.4.8-beta');
  fc.assert(
    fc.property(conntrackEntry(), fc.nat(), version, kinds, fc.nat(), (entry, at, number, kind, count) => {
      const line = formatConntrackEntry(entry, 'conntrack');
      const trailer = `conntrack v${number} (conntrack-tools): ${count} ${kind} have been shown.`;
      const beginning = line.slice(0, 1 + (at % line.length));
      assert.equal(beforeTrailer(beginning + trailer), beginning);
      assert.equal(beforeTrailer(line), undefined);
      assert.equal(beforeTrailer(trailer), undefined);
      assert.ok(isConntrackNoise(trailer) && isConntrackNoise(`${trailer}\r`));
      assert.ok(!isConntrackNoise(line) && !isConntrackNoise(beginning + trailer));
    }),
  );
});
