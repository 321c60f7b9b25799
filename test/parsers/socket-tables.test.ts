import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatSocketEntry, socketLayoutOf, type SocketStyle } from '../../parsers/socket/format-socket.js';
import { isSocketHeader, parseSocketLine } from '../../parsers/socket/parse-socket.js';
import type { ByteOrder, SocketEntry } from '../../parsers/socket/socket-entry.js';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);

function linesOf(path: string): string[] {
  return readFileSync(new URL(path, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

const tables = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
const captures = [
  ...(['sockets', 'linux-6.18', 'proc-web-server/net'] as const).flatMap((directory) =>
    tables.map((style) => ({ path: `${directory}/${style}`, style })),
  ),
  ...(['raw', 'raw6'] as const).map((style) => ({ path: `sockets/${style}`, style })),
];
for (const { path, style } of captures) {
  test(`socket tables of Linux 6.18: ${path} is printed again byte for byte`, () => {
    const [header = '', ...rows] = linesOf(path);
    assert.ok(isSocketHeader(header));
    // In the web server's network namespace there is no UDP socket over IPv6.
    assert.ok(rows.length > 0 || path === 'proc-web-server/net/udp6');
    for (const row of rows) {
      assert.equal(formatSocketEntry(parseSocketLine(row), style), row);
      const layout = socketLayoutOf(`${row}\r\n`);
      assert.equal(formatSocketEntry(parseSocketLine(row), style, { layout }), row);
    }
  });
}

test('socket tables of Linux 6.18: raw sockets read like UDP ones', () => {
  const [, raw = ''] = linesOf('sockets/raw');
  const [, raw6 = ''] = linesOf('sockets/raw6');
  assert.equal(parseSocketLine(raw).local.port, 1);
  assert.equal(parseSocketLine(raw6).local.port, 58);
  assert.equal(parseSocketLine(raw6).kind, 'datagram');
});

test('socket tables of Linux 6.18: those of UDP-Lite would look like those of UDP', () => {
  for (const style of ['udp', 'udp6'] as const) {
    const lite = style === 'udp' ? 'udplite' : 'udplite6';
    for (const row of linesOf(`sockets/${style}`).slice(1)) {
      assert.equal(formatSocketEntry(parseSocketLine(row), lite), row);
    }
  }
});

interface PublishedTable {
  file: string;
  family: 'ipv4' | 'ipv6';
  byteOrder: ByteOrder;
  /** The inodes of rows whose `sl` is not as wide as in today's kernels; else only the blanks at the end may be gone. */
  respaced: readonly string[];
}

const PUBLISHED: PublishedTable[] = [
  // From the kernel's own documentation.
  { file: 'proc-net-tcp.public.txt', family: 'ipv4', byteOrder: 'little', respaced: ['54165785'] },
  { file: 'proc-net-tcp6.public.txt', family: 'ipv6', byteOrder: 'little', respaced: [] },
  // It lost some.
  { file: 'proc-net-udp.public.txt', family: 'ipv4', byteOrder: 'little', respaced: ['16583'] },
  { file: 'proc-net-udp6.public.txt', family: 'ipv6', byteOrder: 'little', respaced: [] },
  { file: 'proc-net-tcp.public.big-endian.txt', family: 'ipv4', byteOrder: 'big', respaced: [] },
  // From a kernel 2.6.
  {
    file: 'proc-net-udp.public.big-endian.txt',
    family: 'ipv4',
    byteOrder: 'big',
    respaced: ['863', '864', '1749', '542'],
  },
];

/** The table that a row is from: people put some UDP rows among TCP ones and the other way round. */
function styleOf(entry: SocketEntry, { family, file }: PublishedTable): SocketStyle {
  const datagram = entry.kind === 'datagram' || (entry.kind === 'bare' && file.includes('udp'));
  return `${datagram ? 'udp' : 'tcp'}${family === 'ipv6' ? '6' : ''}`;
}

for (const table of PUBLISHED) {
  const { file, byteOrder, respaced } = table;
  const rows = linesOf(`published/${file}`).filter((line) => !isSocketHeader(line));

  test(`published socket tables: every row of ${file} is printed again byte for byte in its own layout`, () => {
    assert.ok(rows.length >= 3);
    for (const row of rows) {
      const entry = parseSocketLine(row, { byteOrder });
      const layout = socketLayoutOf(row);
      assert.equal(formatSocketEntry(entry, styleOf(entry, table), { byteOrder, layout }), row);
    }
  });

  test(`published socket tables: every row of ${file} reads the same when printed as today's kernels do, blanks apart`, () => {
    const changed = rows.filter((row) => {
      const entry = parseSocketLine(row, { byteOrder });
      const printed = formatSocketEntry(entry, styleOf(entry, table), { byteOrder });
      assert.deepEqual(parseSocketLine(printed, { byteOrder }), entry);
      return row !== (row.endsWith(' ') ? printed : printed.trimEnd());
    });
    const inodes = changed.map((row) => String(parseSocketLine(row, { byteOrder }).inode));
    assert.deepEqual(inodes, respaced);
  });
}

test('published socket tables hold the addresses of their hosts, whichever way round those print them', () => {
  const [little = ''] = linesOf('published/proc-net-tcp.public.txt').slice(2);
  const big = linesOf('published/proc-net-tcp.public.big-endian.txt').at(-1) ?? '';
  assert.deepEqual(parseSocketLine(little).local, { address: '127.0.0.1', port: 27017 });
  const entry = parseSocketLine(big, { byteOrder: 'big' });
  assert.deepEqual(entry.local, { address: '192.168.1.1', port: 23 });
  assert.deepEqual(entry.remote, { address: '192.168.1.128', port: 32495 });
});
