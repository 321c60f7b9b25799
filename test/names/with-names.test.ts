import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNames } from '../../src/names/with-names.js';
import { exampleFlow } from '../support/host-flow-arbitrary.js';

test('peers get their names, and nothing else changes, the flows given least of all', () => {
  const named = exampleFlow();
  const unnamed = exampleFlow({ peer: { addr: '10.0.1.11', port: '3306' } });
  const result = withNames([named, unnamed], new Map([['10.0.1.10', 'db01.example']]));
  assert.deepEqual(result, [
    exampleFlow({ peer: { addr: '10.0.1.10', port: '3306', name: 'db01.example' } }),
    unnamed,
  ]);
  assert.deepEqual(named, exampleFlow());
});

test('peers that were put together have no name', () => {
  const flow = exampleFlow({ peer: { addr: 'many', port: '3306' } });
  assert.deepEqual(withNames([flow], new Map([['many', 'wrong']])), [flow]);
});
