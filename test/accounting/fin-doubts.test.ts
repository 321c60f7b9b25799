import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FlowNames } from '../support/simulated-kernel/flow-names.js';
import { FinDoubts } from '../../src/engine/accounting/fin-doubts.js';

const names = new FlowNames();
const [a, another] = [names.of('a'), names.of('another')];

const kinds = fc.array(fc.constantFrom('certain' as const, 'doubtful' as const), { maxLength: 100 });

test('a program that closes without reading to the end gets every doubtful byte, in any order', () => {
  fc.assert(
    fc.property(kinds, (closings) => {
      const doubts = new FinDoubts();
      const added = closings.reduce((sum, kind) => sum + doubts[kind](a), 0);
      const doubtful = closings.filter((kind) => kind === 'doubtful').length;
      assert.equal(added, doubtful < closings.length ? doubtful : 0);
      assert.equal(doubts.doubtful(another), 0);
    }),
  );
});

test('one connection among very many does not speak for the rest', () => {
  const doubts = new FinDoubts();
  for (let i = 0; i < 1000; i++) assert.equal(doubts.doubtful(a), 0);
  for (let i = 0; i < 4; i++) assert.equal(doubts.certain(a), 0);
  assert.equal(doubts.certain(a), 1000);
});
