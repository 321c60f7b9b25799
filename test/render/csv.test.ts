import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostFlow } from '../../src/model/host-flow.js';
import { render } from '../../src/render/index.js';
import { sanitizeText } from '../../src/model/sanitize.js';
import { arbitraryHostFlow, exampleFlow, textOf } from '../support/host-flow-arbitrary.js';

const all = { human: false, limit: 0 };
const header =
  'direction,protocol,local_addr,local_port,peer_addr,peer_port,peer_name,via_addr,via_port,connections,' +
  'inbound_packets,inbound_bytes,outbound_packets,outbound_bytes,source';

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

function expected({ direction, protocol, local, peer, via, connections, stat, source }: HostFlow): string[] {
  return [
    ...[direction, protocol, local.addr, local.port, peer.addr, peer.port, peer.name, via?.addr, via?.port],
    connections,
    ...[stat?.total_inbound_packets, stat?.total_inbound_bytes],
    ...[stat?.total_outbound_packets, stat?.total_outbound_bytes],
    source,
  ].map((value) => sanitizeText(String(value ?? '')));
}

test('a header, then a record for each flow, unknown values empty', async () => {
  assert.equal(
    await textOf(render('csv', [exampleFlow(), exampleFlow({ stat: null, source: 'sockets' })], all)),
    `${header}\r\n` +
      'active,tcp,10.0.1.9,many,10.0.1.10,3306,,,,22,423101,1127428915,391822,222717542,conntrack\r\n' +
      'active,tcp,10.0.1.9,many,10.0.1.10,3306,,,,22,,,,,sockets\r\n',
  );
});

test('quotes and commas are quoted', async () => {
  const flow = exampleFlow({ peer: { addr: '10.0.1.10', port: '3306', name: 'a "b", c' } });
  assert.match(await textOf(render('csv', [flow], all)), /,3306,"a ""b"", c",,/);
});

test('any flow reads back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryHostFlow), async (flows) => {
      const [first, ...records] = parseCsv(await textOf(render('csv', flows, all)));
      assert.equal(first?.join(','), header);
      assert.deepEqual(records, flows.map(expected));
    }),
  );
});

test('the limit cuts', async () => {
  const flows = [exampleFlow(), exampleFlow(), exampleFlow()];
  assert.equal(parseCsv(await textOf(render('csv', flows, { human: false, limit: 2 }))).length, 3);
});
