import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowRow } from '../../src/model/flow-row.js';
import { render } from '../../src/render/index.js';
import { textWidth } from '../../src/render/wrap-text.js';
import { arbitraryMeasuredRow, arbitraryRow, exampleRow, textOf } from '../support/row-arbitrary.js';

const piped = { human: false, limit: 0 };

const listing: FlowRow[] = [
  exampleRow(),
  exampleRow({
    key: {
      direction: 'passive',
      local: { addr: '10.0.1.9', port: '80' },
      peer: { addr: '10.0.2.13', port: 'many' },
    },
    name: 'web.example',
    total: null,
    source: 'sockets',
  }),
  exampleRow({
    key: {
      direction: 'forwarded',
      local: { addr: '2001:db8::7', port: 'many' },
      peer: { addr: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', port: '443' },
      via: { addr: '10.0.1.100', port: '3306' },
    },
  }),
  exampleRow({
    key: {
      protocol: 'icmp',
      peer: { addr: '2001:db8::1', port: '-' },
      local: { addr: '::1', port: '-' },
    },
  }),
  exampleRow({ key: { direction: 'many', local: { addr: 'many', port: '3306' } } }),
  exampleRow({ key: { direction: 'loopback' } }),
];

async function linesOf(
  rows: readonly FlowRow[],
  options: { human: boolean; limit: number; columns?: number; rates?: boolean },
) {
  return (await textOf(render('table', rows, options))).trimEnd().split('\n');
}

test('in a pipe: one line a flow, exact numbers, whatever the width', async () => {
  assert.deepEqual(await linesOf(listing, piped), [
    'Local               <-->  Peer                                          Proto  Conns  In pkts    In bytes  Out pkts  Out bytes',
    '10.0.1.9:many       -->   10.0.1.10:3306                                tcp       22   423101  1127428915    391822  222717542',
    '10.0.1.9:80         <--   10.0.2.13:many                                tcp       22        -           -         -          -  web.example (sockets)',
    '[2001:db8::7]:many  ->>   [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:443  tcp       22   423101  1127428915    391822  222717542  (via 10.0.1.100:3306) (forwarded)',
    '::1                 -->   2001:db8::1                                   icmp      22   423101  1127428915    391822  222717542',
    'many:3306           <->   10.0.1.10:3306                                tcp       22   423101  1127428915    391822  222717542',
    '10.0.1.9:many       <=>   10.0.1.10:3306                                tcp       22   423101  1127428915    391822  222717542',
  ]);
});

test('on a terminal of 160 columns', async () => {
  assert.deepEqual(await linesOf(listing, { human: true, limit: 0, columns: 160 }), [
    'Local               <-->  Peer                                          Proto  Conns  In pkts  In bytes  Out pkts  Out bytes',
    '10.0.1.9:many       -->   10.0.1.10:3306                                tcp       22   423101  1.05 GiB    391822  212.4 MiB',
    '10.0.1.9:80         <--   10.0.2.13:many                                tcp       22        -         -         -          -  web.example (sockets)',
    '[2001:db8::7]:many  ->>   [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:443  tcp       22   423101  1.05 GiB    391822  212.4 MiB  (via 10.0.1.100:3306) (forwarded)',
    '::1                 -->   2001:db8::1                                   icmp      22   423101  1.05 GiB    391822  212.4 MiB',
    'many:3306           <->   10.0.1.10:3306                                tcp       22   423101  1.05 GiB    391822  212.4 MiB',
    '10.0.1.9:many       <=>   10.0.1.10:3306                                tcp       22   423101  1.05 GiB    391822  212.4 MiB',
  ]);
});

test('on a terminal of 80 columns', async () => {
  assert.deepEqual(await linesOf(listing, { human: true, limit: 0, columns: 80 }), [
    'Local               <-->  Peer                 Proto  Conns  In bytes  Out bytes',
    '10.0.1.9:many       -->   10.0.1.10:3306       tcp       22  1.05 GiB  212.4 MiB',
    '10.0.1.9:80         <--   10.0.2.13:many       tcp       22         -          -',
    '                          web.example',
    '                          (sockets)',
    '[2001:db8::7]:many  ->>   [2001:db8:aaaa:      tcp       22  1.05 GiB  212.4 MiB',
    '                          bbbb:cccc:dddd:',
    '                          eeee:ffff]:443',
    '                          (via',
    '                          10.0.1.100:3306)',
    '                          (forwarded)',
    '::1                 -->   2001:db8::1          icmp      22  1.05 GiB  212.4 MiB',
    'many:3306           <->   10.0.1.10:3306       tcp       22  1.05 GiB  212.4 MiB',
    '10.0.1.9:many       <=>   10.0.1.10:3306       tcp       22  1.05 GiB  212.4 MiB',
    'packets not shown: the terminal is 80 columns wide',
  ]);
});

test('on a terminal a line below explains the bytes of sockets; a pipe gets rows only', async () => {
  const sockets = exampleRow({ source: 'sockets' });
  const counted = 'bytes of sockets: payload of live TCP connections; packets: segments';
  const terminal = { human: true, limit: 0, columns: 120 };
  assert.equal((await linesOf([exampleRow(), sockets], terminal)).at(-1), counted);
  assert.equal((await linesOf([exampleRow({ source: 'sockets', total: null })], terminal)).length, 2);
  assert.equal((await linesOf([exampleRow()], terminal)).length, 2);
  assert.equal((await linesOf([sockets], { human: false, limit: 0 })).length, 2);
});

test('a name in wide characters keeps the columns in line on a narrow terminal', async () => {
  const row = exampleRow({ name: '例え.jp' });
  const lines = await linesOf([row, exampleRow({ key: { peer: { addr: '例え', port: '-' } } })], {
    human: true,
    limit: 0,
    columns: 72,
  });
  assert.deepEqual(lines.slice(1, -1), [
    '10.0.1.9:many  -->   10.0.1.10:3306  tcp       22  1.05 GiB  212.4 MiB',
    '                     例え.jp',
    '10.0.1.9:many  -->   例え            tcp       22  1.05 GiB  212.4 MiB',
  ]);
});

test('without notes there is no column for them', async () => {
  const [heading] = await linesOf([exampleRow()], piped);
  assert.match(heading ?? '', /Out bytes$/);
});

test('no flows: the heading alone', async () => {
  const heading = ['Local  <-->  Peer  Proto  Conns  In pkts  In bytes  Out pkts  Out bytes'];
  assert.deepEqual(await linesOf([], piped), heading);
  assert.deepEqual(await linesOf([], { human: true, limit: 50, columns: 80 }), heading);
});

test('a source is noted only where several stand in the listing', async () => {
  const sockets = exampleRow({ total: null, source: 'sockets' });
  assert.doesNotMatch(await textOf(render('table', [sockets, sockets], piped)), /sockets/);
  assert.equal(
    (await textOf(render('table', [sockets, exampleRow()], piped))).match(/\(sockets\)/g)?.length,
    1,
  );
});

test('a limit is mentioned on a terminal, and in a pipe only cuts', async () => {
  const rows = [1, 2, 3].map((connections) => exampleRow({ connections }));
  const last = async (limit: number): Promise<string | undefined> =>
    (await linesOf(rows, { human: true, limit, columns: 160 })).at(-1);
  assert.equal(await last(1), '… 2 more host flows; --limit 0 shows all');
  assert.equal(await last(2), '… 1 more host flow; --limit 0 shows all');
  assert.match((await last(3)) ?? '', /212\.4 MiB$/);
  assert.equal((await linesOf(rows, { human: false, limit: 1 })).length, 2);
});

test('below 40 columns nothing is wrapped, with rates below 52', async () => {
  assert.deepEqual(
    await linesOf(listing, { human: true, limit: 0, columns: 39 }),
    await linesOf(listing, { human: true, limit: 0 }),
  );
  const measured = { human: true, limit: 0, rates: true };
  assert.deepEqual(await linesOf(listing, { ...measured, columns: 51 }), await linesOf(listing, measured));
});

test('any rows in a pipe: a line each, nine fields without blanks before the notes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryRow), async (rows) => {
      const [, ...lines] = await linesOf(rows, piped);
      assert.equal(lines.length, rows.length);
      for (const [index, line] of lines.entries()) {
        const fields = line.split(/ +/);
        const row = rows[index];
        assert.equal(fields[3], row?.key.protocol);
        assert.equal(fields[4], String(row?.connections));
        assert.equal(fields[6], String(row?.total?.inbound.bytes ?? '-'));
        assert.equal(fields[8], String(row?.total?.outbound.bytes ?? '-'));
      }
    }),
  );
});

test('any measured rows in a pipe: eleven fields, the last two the bytes a second', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryMeasuredRow), async (rows) => {
      const [heading, ...lines] = await linesOf(rows, { ...piped, rates: true });
      assert.match(heading ?? '', / Out bytes +In B\/s +Out B\/s$/);
      assert.equal(lines.length, rows.length);
      for (const [index, line] of lines.entries()) {
        const fields = line.split(/ +/);
        const row = rows[index];
        assert.equal(fields[4], String(row?.connections));
        assert.equal(fields[8], String(row?.total?.outbound.bytes ?? '-'));
        assert.equal(fields[9], row?.rate ? String(Math.round(row.rate.inbound.bytes)) : '-');
        assert.equal(fields[10], row?.rate ? String(Math.round(row.rate.outbound.bytes)) : '-');
      }
    }),
  );
});

test('any rows on any terminal: no line is wider than it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryRow, { maxLength: 20 }),
      fc.integer({ min: 40, max: 250 }),
      fc.record({ human: fc.boolean(), limit: fc.nat(20) }),
      async (rows, columns, options) => {
        for (const line of await linesOf(rows, { ...options, columns })) {
          assert.ok(textWidth(line.replace('…', '.')) <= columns, line);
        }
      },
    ),
  );
});

test('any measured rows on a terminal of 52 columns or more: no line is wider than it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryMeasuredRow, { maxLength: 20 }),
      fc.integer({ min: 52, max: 250 }),
      fc.record({ human: fc.boolean(), limit: fc.nat(20) }),
      async (rows, columns, options) => {
        for (const line of await linesOf(rows, { ...options, columns, rates: true })) {
          assert.ok(textWidth(line.replace('…', '.')) <= columns, line);
        }
      },
    ),
  );
});

test('on a narrow terminal nothing is cut off', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryRow, fc.integer({ min: 40, max: 120 }), async (row, columns) => {
      const characters = (text: string): string => Array.from(text.replace(/\s/g, '')).sort().join('');
      const lines = await linesOf([row], { human: false, limit: 0, columns });
      const printed = lines.join('\n');
      const shown = printed.replace(/\n(?:packets not shown|bytes of sockets:)[^]*/, '');
      const wide = await textOf(render('table', [row], piped));
      if (!printed.includes('\npackets not shown')) {
        assert.equal(characters(shown), characters(wide));
      } else {
        const { inbound, outbound } = row.total ?? {};
        const packets = `In pkts Out pkts ${String(inbound?.packets ?? '-')} ${String(outbound?.packets ?? '-')}`;
        assert.equal(characters(`${shown}${packets}`), characters(wide));
      }
    }),
  );
});

test('beyond 100 rows a terminal shows the same table', async () => {
  // The last rows are narrower than the widest of the first, so both listings have the same layout.
  const rows = Array.from({ length: 102 }, (_, index) => listing[index % listing.length] ?? exampleRow());
  for (const columns of [40, 80, 120, 200]) {
    const few = await linesOf(rows.slice(0, 96), { human: true, limit: 0, columns });
    const many = await linesOf(rows, { human: true, limit: 0, columns });
    const remarks = few.findIndex((line) => line.startsWith('packets'));
    const table = remarks === -1 ? few : few.slice(0, remarks);
    assert.deepEqual(many.slice(0, table.length), table);
    assert.ok(many.length > few.length);
  }
});
