/** `account()` on this machine: its intervals, and its end. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { account, type AccountInterval, type AccountOptions } from 'hostflow';

import { accountTest, LONG, OPENING_MILLISECONDS, OWN, send, sent, soon } from './own-traffic.js';

async function allOf(intervals: AsyncIterable<AccountInterval>): Promise<AccountInterval[]> {
  const all: AccountInterval[] = [];
  for await (const interval of intervals) all.push(interval);
  return all;
}

accountTest('account(): a signal that is aborted before the first next() gives one interval', async () => {
  const all = await soon(allOf(account({ ...OWN, interval: LONG, signal: AbortSignal.abort() })));
  assert.equal(all.length, 1);
});

accountTest('account(): a signal in an interval gives what came up to then, and ends it', async () => {
  const ending = new AbortController();
  const intervals = account({ ...OWN, interval: LONG, signal: ending.signal });
  const first = intervals.next();
  await sleep(OPENING_MILLISECONDS);
  await send(1000);
  ending.abort();
  const { value } = await soon(first);
  assert.ok(value !== undefined);
  assert.equal(sent([value]), 1000);
  assert.deepEqual(await soon(intervals.next()), { done: true, value: undefined });
});

accountTest('account(): a signal while the consumer is busy gives what came up to then', async () => {
  const ending = new AbortController();
  const intervals = account({ ...OWN, interval: 0.1, signal: ending.signal });
  const all: AccountInterval[] = [];
  for await (const interval of intervals) {
    all.push(interval);
    if (all.length > 1) continue;
    await send(700);
    ending.abort();
    await send(30);
  }
  assert.equal(all.length, 2);
  assert.equal(sent(all), 730);
});

accountTest('account(): deltas add up, and intervals follow each other without a gap', async () => {
  const ending = new AbortController();
  const all: AccountInterval[] = [];
  for await (const interval of account({ ...OWN, interval: 0.1, signal: ending.signal })) {
    all.push(interval);
    if (all.length <= 3) await send(100 * all.length);
    else ending.abort();
  }
  assert.equal(sent(all), 600);
  for (const [index, { time, seconds, flows }] of all.entries()) {
    const before = all[index - 1];
    if (before !== undefined) assert.ok(Math.abs(+time - +before.time - seconds * 1000) < 100);
    for (const { delta, rate } of flows) {
      assert.ok(Math.abs(Number(rate?.outbound.bytes) * seconds - Number(delta?.outbound.bytes)) < 1);
    }
  }
});

const CLOSINGS: Readonly<Record<string, (options: AccountOptions) => Promise<unknown>>> = {
  break: async (options) => {
    const intervals = account(options);
    for await (const { source } of intervals) {
      assert.equal(source, 'sockets');
      break;
    }
    return intervals;
  },
  'an exception in the loop': async (options) => {
    const intervals = account(options);
    const loop = async (): Promise<void> => {
      for await (const { source } of intervals) throw new Error(source);
    };
    await assert.rejects(loop, { message: 'sockets' });
    return intervals;
  },
  'return()': async (options) => {
    const intervals = account(options);
    await intervals.next();
    assert.deepEqual(await intervals.return(), { done: true, value: undefined });
    return intervals;
  },
  'await using': async (options) => {
    await using intervals = account(options);
    await intervals.next();
    return intervals;
  },
};

for (const [name, close] of Object.entries(CLOSINGS)) {
  accountTest(`account(): ${name} closes it, and it cannot be iterated again`, async () => {
    const closed = (await soon(close({ ...OWN, interval: 0.1 }))) as ReturnType<typeof account>;
    assert.deepEqual(await closed.next(), { done: true, value: undefined });
    assert.deepEqual(await allOf(closed), []);
    await closed.return();
    await closed[Symbol.asyncDispose]();
  });
}

accountTest('account(): return() before the first next() opens nothing', async () => {
  const intervals = account({ ...OWN, interval: LONG });
  assert.deepEqual(await soon(intervals.return()), { done: true, value: undefined });
  assert.deepEqual(await soon(intervals.next()), { done: true, value: undefined });
});

accountTest('account(): return() ends a next() that waits, which gets what there is', async () => {
  for (const close of ['return', Symbol.asyncDispose] as const) {
    const intervals = account({ ...OWN, interval: LONG });
    const waiting = intervals.next();
    await sleep(OPENING_MILLISECONDS);
    await send(44);
    const closed = intervals[close]();
    const { value } = await soon(waiting);
    assert.ok(value !== undefined);
    assert.equal(sent([value]), 44);
    await soon(Promise.resolve(closed));
  }
});

accountTest('account(): next() called twice at once gives two intervals, one after the other', async () => {
  const intervals = account({ ...OWN, interval: 0.1 });
  const [first, second] = await soon(Promise.all([intervals.next(), intervals.next()]));
  assert.ok(first.value !== undefined && second.value !== undefined);
  assert.ok(first.value.time < second.value.time);
  await intervals.return();
});

accountTest('account(): its signal keeps no listener after the end', async () => {
  const ending = new AbortController();
  let listeners = 0;
  const { signal } = ending;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...values: Parameters<typeof add>) => {
    listeners++;
    add(...values);
  };
  signal.removeEventListener = (...values: Parameters<typeof remove>) => {
    listeners--;
    remove(...values);
  };
  const intervals = account({ ...OWN, interval: 0.1, signal });
  await intervals.next();
  await intervals.next();
  assert.equal(listeners, 1);
  await intervals.return();
  assert.equal(listeners, 0);
});
