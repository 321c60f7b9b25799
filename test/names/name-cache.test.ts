import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameCache } from '../../src/names/name-cache.js';
import { exampleRow } from '../support/row-arbitrary.js';

/** The most addresses that a cache remembers. */
const MOST_ADDRESSES = 10_000;

function addressesFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  });
}

/** A cache of which every address has a name, and the addresses that it looked up, call by call. */
function recordingCache(): { cache: NameCache; calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  const cache = new NameCache((addresses) => {
    calls.push(addresses);
    return Promise.resolve(new Map(addresses.map((address) => [address, `name-of-${address}`])));
  });
  return { cache, calls };
}

test('a cache looks each address up once, with or without a name', async () => {
  const calls: (readonly string[])[] = [];
  const cache = new NameCache((addresses) => {
    calls.push(addresses);
    return Promise.resolve(new Map([['10.0.1.10', 'db01.example']]));
  });
  await cache.lookUp(['10.0.1.10', '10.0.1.11', '10.0.1.10']);
  assert.deepEqual(cache.missing(['10.0.1.11', '10.0.1.12', '10.0.1.12']), ['10.0.1.12']);
  await cache.lookUp(['10.0.1.11', '10.0.1.10']);
  await cache.lookUp(['10.0.1.11', '10.0.1.12']);
  assert.deepEqual(calls, [['10.0.1.10', '10.0.1.11'], ['10.0.1.12']]);
  assert.deepEqual(cache.named(exampleRow()), exampleRow({ name: 'db01.example' }));
  const unnamed = exampleRow({ key: { peer: { addr: '10.0.1.11', port: '3306' } } });
  assert.deepEqual(cache.named(unnamed), unnamed);
});

test('a cache remembers 10,000 addresses, the newest ones, and looks the others up again', async () => {
  const { cache, calls } = recordingCache();
  const first = addressesFrom(0, MOST_ADDRESSES);
  await cache.lookUp(first);
  assert.deepEqual(cache.missing(first), []);
  assert.equal(cache.known.size, MOST_ADDRESSES);

  const more = addressesFrom(MOST_ADDRESSES, 3);
  await cache.lookUp(more);
  assert.equal(cache.known.size, MOST_ADDRESSES);
  assert.deepEqual(cache.missing([...first, ...more]), first.slice(0, 3));
  for (const address of first.slice(0, 3)) assert.equal(cache.known.has(address), false);
  for (const address of more) assert.equal(cache.known.get(address), `name-of-${address}`);

  await cache.lookUp(first.slice(0, 4));
  assert.deepEqual(calls.slice(1), [more, first.slice(0, 3)]);
  assert.equal(cache.known.size, MOST_ADDRESSES);
});

test('a cache stays within its bound when one look-up is longer than it', async () => {
  const { cache } = recordingCache();
  const addresses = addressesFrom(0, MOST_ADDRESSES + 5);
  await cache.lookUp(addresses);
  assert.deepEqual([...cache.known.keys()], addresses.slice(5));
});

test('a cache keeps no name of an address that it forgot while it looked it up', async () => {
  const pending: ((names: ReadonlyMap<string, string>) => void)[] = [];
  const cache = new NameCache(() => new Promise((resolve) => pending.push(resolve)));
  const old = addressesFrom(0, 3);
  const more = addressesFrom(3, MOST_ADDRESSES);
  const lookedUp = Promise.all([cache.lookUp(old), cache.lookUp(more)]);
  for (const addresses of [more, old]) {
    const names = new Map(addresses.map((address) => [address, `name-of-${address}`]));
    pending.pop()?.(names);
  }
  await lookedUp;
  assert.deepEqual([...cache.known.keys()], more);
  assert.deepEqual(cache.missing([...old, ...more]), old);
});
