import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limitRows, mapRows, someRow, withName, withNames } from '../../src/model/flow-list.js';
import type { FlowRow } from '../../src/model/flow-row.js';
import { arbitraryRow, exampleRow } from '../support/row-arbitrary.js';

test('peers get their names, and nothing else changes, the rows given least of all', () => {
  const named = exampleRow();
  const unnamed = exampleRow({ key: { peer: { addr: '10.0.1.11', port: '3306' } } });
  const names = new Map([['10.0.1.10', 'db01.example']]);
  const expected = [exampleRow({ name: 'db01.example' }), unnamed];
  assert.deepEqual([...withNames([named, unnamed], names)], expected);
  assert.deepEqual(
    [named, unnamed].map((row) => withName(row, names)),
    expected,
  );
  assert.deepEqual(named, exampleRow());
});

test('a part of a list with names has the names', () => {
  const rows = [exampleRow({ connections: 1 }), exampleRow({ connections: 2 })];
  const named = withNames(rows, new Map([['10.0.1.10', 'db01.example']]));
  assert.equal(named.length, 2);
  assert.deepEqual([...named.slice(1, 2)], [exampleRow({ connections: 2, name: 'db01.example' })]);
});

test('peers that were put together have no name', () => {
  const row = exampleRow({ key: { peer: { addr: 'many', port: '3306' } } });
  assert.deepEqual([...withNames([row], new Map([['10.0.1.10', 'wrong']]))], [row]);
});

test('a list of changed rows changes each row when it is asked for, and asks for no more than it needs', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRow, { minLength: 1 }), fc.nat(), (rows, number) => {
      const place = number % rows.length;
      let changed = 0;
      const list = mapRows(rows, (row): FlowRow => {
        changed += 1;
        return { ...row, connections: changed };
      });
      assert.equal(list.length, rows.length);
      assert.equal(changed, 0);
      assert.ok(someRow(list, ({ connections }) => connections === place + 1));
      assert.equal(changed, place + 1);
      assert.equal(
        someRow(list, () => false),
        false,
      );
    }),
  );
});

test('a limit leaves the first rows, and 0 leaves all', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRow), fc.nat(12), (rows, limit) => {
      assert.deepEqual([...limitRows(rows, limit)], limit === 0 ? rows : rows.slice(0, limit));
    }),
  );
});
