import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { socketEntry } from '../../parsers/arbitraries/index.js';
import { ParseError, type ParseErrorCode } from '../../parsers/parse-error.js';
import { formatSocketEntry, SOCKET_STYLES, socketLayoutOf } from '../../parsers/socket/format-socket.js';
import { isSocketHeader, parseSocketLine, tryParseSocketLine } from '../../parsers/socket/parse-socket.js';

/** Any row, and a table that has room for it. */
const socketRow = fc
  .constantFrom(...SOCKET_STYLES)
  .chain((style) => fc.record({ entry: socketEntry(style), style: fc.constant(style) }));

const ESTABLISHED =
  '   4: 0100007F:0FA1 0100007F:9C3A 08 00000000:00001389 00:00000000 00000000     0        0 10830 1 00000000aab89aaf 20 4 10 10 -1';
const TIME_WAIT =
  '   1: 0100007F:9B2E 0100007F:0FA3 06 00000000:00000000 03:0000174F 00000000     0        0 0 3 000000007fe8d181';
const MAPPED =
  '   8: 0000000000000000FFFF00000100007F:0FA3 0000000000000000FFFF00000100007F:9B44 01 00000000:00002710 00:00000000 00000000     0        0 10844 1 000000008ab04f79 20 4 4 10 -1';
const DROPS =
  '11656: 0100007F:1389 00000000:0000 07 00000000:00033C00 00:00000000 00000000     0        0 10845 2 00000000a8edb7e1 -1908      ';

test('a socket table row comes back from its print, in either byte order and any spacing', () => {
  fc.assert(
    fc.property(socketRow, fc.constantFrom('little', 'big'), ({ entry, style }, byteOrder) => {
      const row = formatSocketEntry(entry, style, { byteOrder });
      assert.deepEqual(parseSocketLine(row, { byteOrder }), entry);
      assert.deepEqual(parseSocketLine(`\t${row.replaceAll(/ +/g, '\t  ')}\r`, { byteOrder }), entry);
      assert.deepEqual(tryParseSocketLine(row, { byteOrder }), { ok: true, value: entry });
    }),
  );
});

test('a socket table row is printed again byte for byte in its own layout, whatever that is', () => {
  const layouts = fc.record({ slotWidth: fc.nat(12), lineWidth: fc.nat(300) });
  fc.assert(
    fc.property(socketRow, layouts, ({ entry, style }, layout) => {
      const row = formatSocketEntry(entry, style, { layout });
      assert.deepEqual(parseSocketLine(row), entry);
      assert.equal(formatSocketEntry(entry, style, { layout: socketLayoutOf(row) }), row);
    }),
  );
  assert.deepEqual(socketLayoutOf('rubbish'), { slotWidth: 0, lineWidth: 7 });
});

test('a socket table row of a full TCP socket has every column under its name', () => {
  assert.deepEqual(parseSocketLine(ESTABLISHED), {
    kind: 'tcp',
    slot: 4,
    family: 'ipv4',
    local: { address: '127.0.0.1', port: 4001 },
    remote: { address: '127.0.0.1', port: 39994 },
    stateNumber: 8,
    state: 'CLOSE_WAIT',
    txQueue: 0,
    rxQueue: 5001,
    timer: 0,
    timerExpires: 0,
    retransmits: 0,
    uid: 0,
    timeout: 0,
    inode: 10830,
    references: 1,
    pointer: '00000000aab89aaf',
    rto: 20,
    ato: 4,
    quickAck: 10,
    congestionWindow: 10,
    slowStartThreshold: -1,
  });
});

test('a socket table row ends after the pointer, with drops, or with the columns of TCP', () => {
  const timeWait = parseSocketLine(TIME_WAIT);
  assert.equal(timeWait.kind, 'bare');
  assert.equal(timeWait.state, 'TIME_WAIT');
  assert.equal(timeWait.timerExpires, 0x174f);
  const udp = parseSocketLine(DROPS);
  assert.equal(udp.kind === 'datagram' && udp.drops, -1908);
  assert.deepEqual(parseSocketLine(`${ESTABLISHED} 7 new`).extra, ['7', 'new']);
  const odd = parseSocketLine(`${TIME_WAIT} 100 0 0`);
  assert.deepEqual([odd.kind, odd.extra], ['bare', ['100', '0', '0']]);
});

test('a socket table row keeps IPv4-mapped addresses unless asked to unmap them, and prints back either', () => {
  assert.equal(parseSocketLine(MAPPED).local.address, '::ffff:127.0.0.1');
  const unmapped = parseSocketLine(MAPPED, { unmapIpv4: true });
  assert.deepEqual([unmapped.local.address, unmapped.remote.address], ['127.0.0.1', '127.0.0.1']);
  assert.equal(unmapped.family, 'ipv6');
  assert.equal(formatSocketEntry(unmapped, 'tcp6'), MAPPED);
  assert.throws(() => formatSocketEntry(parseSocketLine(MAPPED), 'tcp'), RangeError);
});

test('a socket table row has 64-bit times and inodes, and unsigned user ids', () => {
  const late = parseSocketLine(
    TIME_WAIT.replace('03:0000174F', '01:FFFFFFFFFFFFFFF1').replace(
      '    0        0 0 3',
      '   -2        0 18446744073709551615 3',
    ),
  );
  assert.equal(late.timerExpires, 0xfffffffffffffff1n);
  assert.equal(late.inode, 18446744073709551615n);
  assert.equal(late.uid, 4294967294);
});

test('a socket table row may have a state without a name', () => {
  const entry = parseSocketLine(TIME_WAIT.replace(' 06 ', ' 0D '));
  assert.equal(entry.stateNumber, 13);
  assert.ok(!('state' in entry));
});

test('the header of a socket table is distinguished from rows', () => {
  assert.ok(isSocketHeader('  sl  local_address rem_address   st tx_queue rx_queue tr'));
  assert.ok(isSocketHeader('   sl  local_address                         remote_address'));
  assert.ok(!isSocketHeader(ESTABLISHED));
  assert.ok(!isSocketHeader(''));
});

const cases: [
  name: string,
  line: string,
  code: ParseErrorCode,
  field: string,
  column: number,
  text: string,
][] = [
  ['nothing', ' \t\r', 'empty-line', 'line', 1, ''],
  ['a conntrack entry', ' ipv4 2 tcp', 'not-socket', 'sl', 2, 'ipv4'],
  ['the header', '  sl  local_address', 'not-socket', 'sl', 3, 'sl'],
  ['a huge slot', '4294967296: ', 'out-of-range', 'sl', 1, '4294967296'],
  ['a cut row', '   1: 0100007F:9B2E', 'missing-field', 'rem_address', 20, ''],
  ['a cut address', '   1: 0100007F', 'missing-field', 'local_address', 15, ''],
  [
    'a short address',
    TIME_WAIT.replace('0100007F', '100007F'),
    'invalid-address',
    'local_address',
    7,
    '100007F',
  ],
  [
    'an address of no digits',
    TIME_WAIT.replace('F:0FA3', 'G:0FA3'),
    'invalid-address',
    'rem_address',
    21,
    '0100007G',
  ],
  ['a port of no digits', TIME_WAIT.replace('9B2E', '9B2X'), 'invalid-number', 'local_address', 16, '9B2X'],
  ['a huge port', TIME_WAIT.replace('0FA3', '10FA3'), 'out-of-range', 'rem_address', 30, '10FA3'],
  [
    'two families',
    TIME_WAIT.replace('0100007F:0FA3', `${'0'.repeat(32)}:0FA3`),
    'mixed-families',
    'rem_address',
    21,
    '0'.repeat(32),
  ],
  ['a huge state', TIME_WAIT.replace(' 06 ', ' 106 '), 'out-of-range', 'st', 35, '106'],
  ['one queue', TIME_WAIT.replace(':00000000 03', ' 03'), 'missing-field', 'rx_queue', 46, ''],
  [
    'a bad queue',
    TIME_WAIT.replace('00000000:0', '0000000-:0'),
    'invalid-number',
    'tx_queue',
    38,
    '0000000-',
  ],
  [
    'a huge queue',
    TIME_WAIT.replace(':00000000 03', ':100000000 03'),
    'out-of-range',
    'rx_queue',
    47,
    '100000000',
  ],
  ['no timer', TIME_WAIT.replace('03:', ':'), 'invalid-number', 'tr', 56, ''],
  [
    'a huge time',
    TIME_WAIT.replace(':0000174F', ':1FFFFFFFFFFFFFFFF'),
    'out-of-range',
    'tm->when',
    59,
    '1FFFFFFFFFFFFFFFF',
  ],
  ['a worded time', TIME_WAIT.replace(':0000174F', ':soon'), 'invalid-number', 'tm->when', 59, 'soon'],
  [
    'a name for a user',
    TIME_WAIT.replace('    0        0', ' root        0'),
    'invalid-number',
    'uid',
    78,
    'root',
  ],
  [
    'a huge user',
    TIME_WAIT.replace('    0        0', '4294967296   0'),
    'out-of-range',
    'uid',
    77,
    '4294967296',
  ],
  ['a negative inode', TIME_WAIT.replace(' 0 3 ', ' -1 3 '), 'invalid-number', 'inode', 92, '-1'],
  [
    'a huge inode',
    TIME_WAIT.replace(' 0 3 ', ' 18446744073709551616 3 '),
    'out-of-range',
    'inode',
    92,
    '18446744073709551616',
  ],
  ['no pointer', TIME_WAIT.slice(0, -17), 'missing-field', 'pointer', 95, ''],
  ['worded drops', `${TIME_WAIT} #note`, 'invalid-number', 'drops', 113, '#note'],
  ['a worded window', ESTABLISHED.replace('10 -1', 'x -1'), 'invalid-number', 'cwnd', 125, 'x'],
];
for (const [name, line, code, field, column, text] of cases) {
  test(`a malformed socket table row with ${name} is ${code} in ${field}`, () => {
    const result = tryParseSocketLine(line);
    assert.ok(!result.ok);
    const { error } = result;
    assert.deepEqual(
      { code: error.code, field: error.field, column: error.column, text: error.text },
      { code, field, column, text },
    );
    assert.equal(line.slice(column - 1, column - 1 + text.length), text);
    assert.throws(() => parseSocketLine(line), ParseError);
  });
}

test('a malformed socket table row is refused however long it is', () => {
  for (const junk of ['9', 'F', ' ', ':', 'x ', 'F:', '0100007F:0016 ']) {
    for (const head of ['', '1: ', TIME_WAIT.slice(0, 59), TIME_WAIT.slice(0, 91)]) {
      assert.ok(!tryParseSocketLine(head + junk.repeat(100_000)).ok, `${head}${junk}…`);
    }
  }
});
