/** The intervals of an account that a test plays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intervalsOf } from '../../src/library/account.js';
import { resolveSnapshotOptions } from '../../src/library/options.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import type { Account } from '../../src/sources/opened-account.js';

const OPTIONS = resolveSnapshotOptions({});
const LONG = 1_000_000;

/** An account that notes what is asked of it. */
class PlayedAccount implements Account {
  readonly calls: string[] = [];
  readonly ended: Promise<void>;
  /** Ends it. */
  end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  interval({ isLast }: { isLast: boolean }): ReturnType<Account['interval']> {
    this.calls.push(isLast ? 'last interval' : 'interval');
    return Promise.resolve({ rows: [], losses: NO_LOSSES });
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }
}

test('intervals: an account that has ended is closed before its last interval is handed out', async () => {
  const played = new PlayedAccount();
  const intervals = intervalsOf(played, OPTIONS, LONG, undefined);
  const last = intervals.next();
  played.end();
  assert.equal((await last).value?.seconds.toFixed(0), '0');
  assert.deepEqual(played.calls, ['last interval', 'close']);
  assert.deepEqual(await intervals.next(), { done: true, value: undefined });
  assert.deepEqual(played.calls, ['last interval', 'close']);
});

test('intervals: an interval that fails closes the account', async () => {
  const played = new PlayedAccount();
  played.interval = () => Promise.reject(new Error('no'));
  await assert.rejects(intervalsOf(played, OPTIONS, LONG, AbortSignal.abort()).next(), { message: 'no' });
  assert.deepEqual(played.calls, ['close']);
});

test('intervals: waiting for the end of an account takes no memory for each interval', async () => {
  const played = new PlayedAccount();
  let waiting = 0;
  const { ended } = played;
  const then = ended.then.bind(ended);
  ended.then = ((...values: Parameters<typeof then>) => {
    waiting++;
    return then(...values);
  }) as typeof ended.then;
  const intervals = intervalsOf(played, OPTIONS, 0.01, undefined);
  for (let count = 0; count < 5; count++) await intervals.next();
  await intervals.return();
  assert.equal(waiting, 1);
  assert.deepEqual(played.calls, [...Array<string>(5).fill('interval'), 'close']);
});
