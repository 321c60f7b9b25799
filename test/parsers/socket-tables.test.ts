import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { formatSocketEntry, type SocketStyle } from '../../parsers/socket/format.js';
import { isSocketHeader, parseSocketLine } from '../../parsers/socket/parse.js';
import type { ByteOrder, SocketEntry } from '../../parsers/socket/socket.js';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);

function linesOf(path: string): string[] {
  return readFileSync(new URL(path, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

describe('socket tables of Linux 6.18', () => {
  for (const style of ['tcp', 'tcp6', 'udp', 'udp6'] as const) {
    it(`${style} is printed again byte for byte`, () => {
      const [header = '', ...rows] = linesOf(`sockets/${style}`);
      assert.ok(isSocketHeader(header));
      assert.ok(rows.length >= 2);
      for (const row of rows) assert.equal(formatSocketEntry(parseSocketLine(row), style), row);
    });
  }

  it('raw sockets read like UDP ones', () => {
    const [, raw = ''] = linesOf('sockets/raw');
    const [, raw6 = ''] = linesOf('sockets/raw6');
    assert.equal(parseSocketLine(raw).local.port, 1);
    assert.equal(parseSocketLine(raw6).local.port, 58);
    assert.equal(parseSocketLine(raw6).kind, 'datagram');
  });
});

interface PublishedTable {
  file: string;
  family: 'ipv4' | 'ipv6';
  byteOrder: ByteOrder;
  /** The inodes of rows whose blanks are not those of today's kernels (`sl` was narrower, or lost some), so that they print otherwise. */
  respaced: readonly string[];
}

const PUBLISHED: PublishedTable[] = [
  { file: 'proc-net-tcp.public.txt', family: 'ipv4', byteOrder: 'little', respaced: ['54165785'] },
  { file: 'proc-net-tcp6.public.txt', family: 'ipv6', byteOrder: 'little', respaced: [] },
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

describe('published socket tables', () => {
  for (const table of PUBLISHED) {
    const { file, byteOrder, respaced } = table;
    const rows = linesOf(`published/${file}`).filter((line) => !isSocketHeader(line));

    it(`every row of ${file} reads, and reads the same when printed again`, () => {
      assert.ok(rows.length >= 3);
      for (const row of rows) {
        const entry = parseSocketLine(row, { byteOrder });
        const printed = formatSocketEntry(entry, styleOf(entry, table), { byteOrder });
        assert.deepEqual(parseSocketLine(printed, { byteOrder }), entry);
      }
    });

    it(`${file} is printed again byte for byte, but for blanks that went missing`, () => {
      const changed = rows.filter((row) => {
        const entry = parseSocketLine(row, { byteOrder });
        const printed = formatSocketEntry(entry, styleOf(entry, table), { byteOrder });
        return row !== (row.endsWith(' ') ? printed : printed.trimEnd());
      });
      const inodes = changed.map((row) => String(parseSocketLine(row, { byteOrder }).inode));
      assert.deepEqual(inodes, respaced);
    });
  }

  it('hold the addresses of their hosts, whichever way round those print them', () => {
    const [little = ''] = linesOf('published/proc-net-tcp.public.txt').slice(2);
    const big = linesOf('published/proc-net-tcp.public.big-endian.txt').at(-1) ?? '';
    assert.deepEqual(parseSocketLine(little).local, { address: '127.0.0.1', port: 27017 });
    const entry = parseSocketLine(big, { byteOrder: 'big' });
    assert.deepEqual(entry.local, { address: '192.168.1.1', port: 23 });
    assert.deepEqual(entry.remote, { address: '192.168.1.128', port: 32495 });
  });
});
