import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostFlow } from '../../src/model/host-flow.js';
import { render } from '../../src/render/index.js';
import { sanitizeText } from '../../src/model/sanitize.js';
import { arbitraryHostFlow, exampleFlow, textOf } from '../support/host-flow-arbitrary.js';

const all = { human: false, limit: 0 };

/** The flow as a reader should get it: text sanitised, counters in digits, as {@link digitsQuoted} makes them. */
function expected(flow: HostFlow): unknown {
  return JSON.parse(
    JSON.stringify(flow, (_, value: unknown) => {
      if (typeof value === 'bigint' || typeof value === 'number') return `digits ${String(value)}`;
      return typeof value === 'string' ? sanitizeText(value) : value;
    }),
  );
}

/** JSON with each number outside strings turned into text, since `JSON.parse` would round the big ones. */
function digitsQuoted(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"digits ${token}"`,
  );
}

test('a flow has the documented keys in the documented order', async () => {
  const flow = exampleFlow({
    peer: { addr: '10.0.1.10', port: '3306', name: 'db01.example' },
    via: { addr: '10.0.1.100', port: '3306' },
  });
  assert.equal(
    await textOf(render('json', [flow], all)),
    '[\n{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306","name":"db01.example"},"via":{"addr":"10.0.1.100","port":"3306"},' +
      '"connections":22,"stat":{"total_inbound_packets":423101,"total_inbound_bytes":1127428915,' +
      '"total_outbound_packets":391822,"total_outbound_bytes":222717542},"source":"conntrack"}\n]\n',
  );
});

test('no flows are an empty array, and no lines', async () => {
  assert.equal(await textOf(render('json', [], all)), '[]\n');
  assert.equal(await textOf(render('ndjson', [], all)), '');
});

test('unknown counters are null; name and via are left out where there is none', async () => {
  assert.equal(
    await textOf(render('ndjson', [exampleFlow({ stat: null, source: 'sockets' })], all)),
    '{"direction":"active","protocol":"tcp","local":{"addr":"10.0.1.9","port":"many"},' +
      '"peer":{"addr":"10.0.1.10","port":"3306"},"connections":22,"stat":null,"source":"sockets"}\n',
  );
});

test('json reads back to the same flows, every digit included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryHostFlow), async (flows) => {
      const text = await textOf(render('json', flows, all));
      assert.doesNotThrow(() => JSON.parse(text) as unknown);
      assert.deepEqual(JSON.parse(digitsQuoted(text)), flows.map(expected));
    }),
  );
});

test('ndjson has the objects of the json array, a line each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryHostFlow, { minLength: 1 }), async (flows) => {
      const array = await textOf(render('json', flows, all));
      const lines = (await textOf(render('ndjson', flows, all))).trimEnd().split('\n');
      assert.equal(`[\n${lines.join(',\n')}\n]\n`, array);
      assert.equal(lines.length, flows.length);
    }),
  );
});

test('the limit cuts, and the array still ends', async () => {
  const flows = [1, 2, 3].map((connections) => exampleFlow({ connections }));
  const options = { human: false, limit: 2 };
  assert.equal((JSON.parse(await textOf(render('json', flows, options))) as unknown[]).length, 2);
  assert.equal((await textOf(render('ndjson', flows, options))).split('\n').length, 3);
});
