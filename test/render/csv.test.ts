import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowRow } from '../../src/model/flow-row.js';
import { render } from '../../src/render/index.js';
import { sanitizeText } from '../../src/model/sanitize.js';
import { arbitraryMeasuredRow, arbitraryRow, exampleRow, textOf } from '../support/row-arbitrary.js';

const all = { human: false, limit: 0 };
const header =
  'direction,protocol,local_addr,local_port,peer_addr,peer_port,peer_name,via_addr,via_port,connections,' +
  'inbound_packets,inbound_bytes,outbound_packets,outbound_bytes,source';
const measuredHeader =
  `${header},inbound_packets_per_second,inbound_bytes_per_second,` +
  'outbound_packets_per_second,outbound_bytes_per_second,live';

/** RFC 4180, read strictly: any text that it does not describe fails. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    assert.ok(match, 'not RFC 4180');
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  assert.deepEqual(record, []);
  return records;
}

type Value = string | number | bigint | undefined;

function listed({ key, name, connections, total, source }: FlowRow): Value[] {
  const { direction, protocol, local, peer, via } = key;
  return [
    ...[direction, protocol, local.addr, local.port, peer.addr, peer.port, name, via?.addr, via?.port],
    connections,
    ...[total?.inbound.packets, total?.inbound.bytes],
    ...[total?.outbound.packets, total?.outbound.bytes],
    source,
  ];
}

function measured(row: FlowRow): Value[] {
  const { inbound, outbound } = row.rate ?? {};
  return [...listed(row), inbound?.packets, inbound?.bytes, outbound?.packets, outbound?.bytes, row.live];
}

/** The fields as a reader should get them. */
function expected(values: readonly Value[]): string[] {
  return values.map((value) => sanitizeText(String(value ?? '')));
}

test('a header, then a record for each flow, unknown values empty', async () => {
  assert.equal(
    await textOf(render('csv', [exampleRow(), exampleRow({ total: null, source: 'sockets' })], all)),
    `${header}\r\n` +
      'active,tcp,10.0.1.9,many,10.0.1.10,3306,,,,22,423101,1127428915,391822,222717542,conntrack\r\n' +
      'active,tcp,10.0.1.9,many,10.0.1.10,3306,,,,22,,,,,sockets\r\n',
  );
});

test('quotes and commas are quoted', async () => {
  const row = exampleRow({ name: 'a "b", c' });
  assert.match(await textOf(render('csv', [row], all)), /,3306,"a ""b"", c",,/);
});

test('any row reads back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryRow), async (rows) => {
      const [first, ...records] = parseCsv(await textOf(render('csv', rows, all)));
      assert.equal(first?.join(','), header);
      assert.deepEqual(
        records,
        rows.map((row) => expected(listed(row))),
      );
    }),
  );
});

test('any row of a measurement reads back, rates and open connections behind the others', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(arbitraryMeasuredRow, arbitraryRow)), async (rows) => {
      const [first, ...records] = parseCsv(await textOf(render('csv', rows, { ...all, rates: true })));
      assert.equal(first?.join(','), measuredHeader);
      assert.deepEqual(
        records,
        rows.map((row) => expected(measured(row))),
      );
    }),
  );
});

test('the limit cuts', async () => {
  const rows = [exampleRow(), exampleRow(), exampleRow()];
  assert.equal(parseCsv(await textOf(render('csv', rows, { human: false, limit: 2 }))).length, 3);
});
