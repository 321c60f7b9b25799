import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolvePeerNames } from '../../src/names/resolve-names.js';
import { arbitraryName } from '../support/row-arbitrary.js';

/** Addresses enough to keep every worker busy. */
const manyAddresses = Array.from({ length: 300 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

test('each address is looked up once and found under its own spelling', async () => {
  const asked: string[] = [];
  const names = await resolvePeerNames(['10.0.0.1', '2001:db8::1', '10.0.0.1'], {
    reverse: (address) => {
      asked.push(address);
      return Promise.resolve([`name-of-${address}`]);
    },
  });
  assert.deepEqual(asked, ['10.0.0.1', '2001:db8::1']);
  assert.deepEqual(
    names,
    new Map([
      ['10.0.0.1', 'name-of-10.0.0.1'],
      ['2001:db8::1', 'name-of-2001:db8::1'],
    ]),
  );
});

test('text that is no address is not looked up', async () => {
  const names = await resolvePeerNames(['many', '', 'db01.example'], {
    reverse: () => Promise.resolve(['wrong']),
  });
  assert.equal(names.size, 0);
});

test('look-ups run side by side, but not all at once', async () => {
  let running = 0;
  let most = 0;
  const names = await resolvePeerNames(manyAddresses, {
    timeoutMilliseconds: 60_000,
    reverse: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return ['name'];
    },
  });
  assert.equal(names.size, manyAddresses.length);
  assert.equal(most, 64);
});

test('when the time is up, what is known is returned and what comes later changes nothing', async () => {
  const late: (() => void)[] = [];
  const names = await resolvePeerNames(['10.0.0.1', '10.0.0.2'], {
    timeoutMilliseconds: 20,
    reverse: (address) =>
      address === '10.0.0.1'
        ? Promise.resolve(['quick'])
        : new Promise((resolve) => {
            late.push(() => {
              resolve(['late']);
            });
          }),
  });
  for (const answer of late) answer();
  await new Promise(setImmediate);
  assert.deepEqual(names, new Map([['10.0.0.1', 'quick']]));
});

test('no new look-up starts when the time is up', async () => {
  let asked = 0;
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await resolvePeerNames(manyAddresses, {
    timeoutMilliseconds: 20,
    reverse: async () => {
      asked += 1;
      await gate;
      return ['late'];
    },
  });
  release();
  await new Promise(setImmediate);
  assert.equal(asked, 64);
});

test('names of the hosts file are found for all, however many questions stay without an answer', async () => {
  const names = await resolvePeerNames([...manyAddresses, '2001:db8:0::5'], {
    timeoutMilliseconds: 20,
    hosts: new Map([['2001:db8::5', 'db02']]),
    reverse: () => new Promise(() => undefined),
  });
  assert.deepEqual(names, new Map([['2001:db8:0::5', 'db02']]));
});

test('a failing look-up leaves its address without a name, whether it rejects or throws', async () => {
  const names = await resolvePeerNames(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], {
    reverse: (address) => {
      if (address === '10.0.0.1') return Promise.reject(new Error('ENOTFOUND'));
      if (address === '10.0.0.2') throw new Error('EINVAL');
      return Promise.resolve(address === '10.0.0.3' ? [] : ['found']);
    },
  });
  assert.deepEqual(names, new Map([['10.0.0.4', 'found']]));
});

test('a name that is empty or the address itself is none; the next one is taken', async () => {
  const answers = new Map([
    ['10.0.0.1', ['', '\u001b[2J', '10.0.0.1', 'db01.example.']],
    ['10.0.0.2', ['10.0.0.2', '.']],
  ]);
  const names = await resolvePeerNames(answers.keys(), {
    reverse: (address) => Promise.resolve(answers.get(address) ?? []),
  });
  assert.deepEqual(names, new Map([['10.0.0.1', 'db01.example']]));
});

test('no name brings a control character along', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryName, async (name) => {
      const names = await resolvePeerNames(['10.0.0.1'], { reverse: () => Promise.resolve([name]) });
      assert.doesNotMatch(names.get('10.0.0.1') ?? '', /[\0-\x1f\x7f-\x9f\u202a-\u202e]/);
    }),
  );
});
