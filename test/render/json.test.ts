import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowRow } from '../../src/model/flow-row.js';
import { hostFlowJson, hostFlowOf } from '../../src/render/host-flow.js';
import { render } from '../../src/render/index.js';
import { sanitizeText } from '../../src/model/sanitize.js';
import { arbitraryMeasuredRow, arbitraryRow, exampleRow, textOf } from '../support/row-arbitrary.js';

const all = { human: false, limit: 0 };

/** Any row of a listing or of a measurement. */
const anyRow = fc.oneof(arbitraryRow, arbitraryMeasuredRow);

/** JSON with the numbers of a value, bigints too, as {@link digitsQuoted} makes them. */
function withDigits(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' || typeof part === 'number' ? `digits ${String(part)}` : part,
  );
}

/** The value as a reader should get it: text sanitised, numbers in digits. */
function asRead(value: unknown): unknown {
  return JSON.parse(withDigits(value), (_, part: unknown) =>
    typeof part === 'string' ? sanitizeText(part) : part,
  );
}

/** The object that JSON should have for a row. */
function expected({ key, name, connections, live, total, rate, source }: FlowRow): unknown {
  const { direction, protocol, local, peer, via } = key;
  return asRead({
    direction,
    protocol,
    local,
    peer: { ...peer, name },
    via,
    connections,
    live,
    stat: total && {
      total_inbound_packets: total.inbound.packets,
      total_inbound_bytes: total.inbound.bytes,
      total_outbound_packets: total.outbound.packets,
      total_outbound_bytes: total.outbound.bytes,
    },
    rate: flatRate(rate),
    source,
  });
}

function flatRate(rate: FlowRow['rate']): unknown {
  return (
    rate && {
      inbound_packets: rate.inbound.packets,
      inbound_bytes: rate.inbound.bytes,
      outbound_packets: rate.outbound.packets,
      outbound_bytes: rate.outbound.bytes,
    }
  );
}

/** JSON with each number outside strings turned into text, since `JSON.parse` would round the big ones. */
function digitsQuoted(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"digits ${token}"`,
  );
}

test('a flow has the documented keys in the documented order', async () => {
  const row = exampleRow({ key: { via: { addr: '10.0.1.100', port: '3306' } }, name: 'db01.example' });
  assert.equal(
    await textOf(render('json', [row], all)),
    '[\n{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306","name":"db01.example"},"via":{"addr":"10.0.1.100","port":"3306"},' +
      '"connections":22,"stat":{"total_inbound_packets":423101,"total_inbound_bytes":1127428915,' +
      '"total_outbound_packets":391822,"total_outbound_bytes":222717542},"source":"conntrack"}\n]\n',
  );
});

test('a row of an interval has its open connections and its rate too, in the documented order', async () => {
  const row = exampleRow({
    live: 3,
    delta: { inbound: { packets: 3, bytes: 301 }, outbound: { packets: 2, bytes: 2 } },
    rate: { inbound: { packets: 1.5, bytes: 150.5 }, outbound: { packets: 1, bytes: 1 } },
  });
  assert.equal(
    await textOf(render('ndjson', [row, exampleRow({ live: 0, total: null, delta: null, rate: null })], all)),
    '{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306"},"connections":22,"live":3,' +
      '"stat":{"total_inbound_packets":423101,"total_inbound_bytes":1127428915,' +
      '"total_outbound_packets":391822,"total_outbound_bytes":222717542},' +
      '"rate":{"inbound_packets":1.5,"inbound_bytes":150.5,"outbound_packets":1,"outbound_bytes":1},' +
      '"source":"conntrack"}\n' +
      '{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306"},"connections":22,"live":0,"stat":null,"rate":null,' +
      '"source":"conntrack"}\n',
  );
});

test('no flows are an empty array, and no lines', async () => {
  assert.equal(await textOf(render('json', [], all)), '[]\n');
  assert.equal(await textOf(render('ndjson', [], all)), '');
});

test('unknown counters are null; name and via are left out where there is none', async () => {
  assert.equal(
    await textOf(render('ndjson', [exampleRow({ total: null, source: 'sockets' })], all)),
    '{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306"},"connections":22,"stat":null,"source":"sockets"}\n',
  );
});

test('json reads back to the same rows, every digit included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow), async (rows) => {
      const text = await textOf(render('json', rows, all));
      assert.doesNotThrow(() => JSON.parse(text) as unknown);
      assert.deepEqual(JSON.parse(digitsQuoted(text)), rows.map(expected));
    }),
  );
});

test('the json of a row is its host flow without the nested total, and over an interval with live and rate', () => {
  fc.assert(
    fc.property(anyRow, (row) => {
      const { total, ...flow } = hostFlowOf(row);
      assert.deepEqual(total, row.total);
      const overTime = {
        ...(row.live === undefined ? {} : { live: row.live }),
        ...(row.rate === undefined ? {} : { rate: flatRate(row.rate) }),
      };
      // A host flow is clean as it is: cleaning it once more must change nothing.
      assert.deepEqual(asRead(flow), JSON.parse(withDigits(flow)));
      assert.deepEqual(JSON.parse(digitsQuoted(hostFlowJson(row))), asRead({ ...flow, ...overTime }));
    }),
  );
});

test('ndjson has the objects of the json array, a line each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1 }), async (rows) => {
      const array = await textOf(render('json', rows, all));
      const lines = (await textOf(render('ndjson', rows, all))).trimEnd().split('\n');
      assert.equal(`[\n${lines.join(',\n')}\n]\n`, array);
      assert.equal(lines.length, rows.length);
    }),
  );
});

test('the limit cuts, and the array still ends', async () => {
  const rows = [1, 2, 3].map((connections) => exampleRow({ connections }));
  const options = { human: false, limit: 2 };
  assert.equal((JSON.parse(await textOf(render('json', rows, options))) as unknown[]).length, 2);
  assert.equal((await textOf(render('ndjson', rows, options))).split('\n').length, 3);
});
