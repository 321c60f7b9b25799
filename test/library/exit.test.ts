/** A closed account keeps no program alive. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const LIBRARY = new URL('../../src/index.js', import.meta.url).href;
/** Less than the interval by far. */
const TIMEOUT_MILLISECONDS = 20_000;

const PROGRAM = (body: string): string => `
  import { account, HostflowError } from '${LIBRARY}';
  import { setTimeout as sleep } from 'node:timers/promises';
  const ending = new AbortController();
  const { signal } = ending;
  const open = (interval) => account({ source: 'sockets', interval, signal });
  try {
    await account({ source: 'sockets', signal: AbortSignal.abort() }).next();
    ${body}
    console.log('done');
  } catch (error) {
    if (!(error instanceof HostflowError)) throw error;
    console.log(error.message);
  }
`;

const ENDS: Readonly<Record<string, string>> = {
  break: 'for await (const interval of open(0.1)) break;',
  'a signal': 'setTimeout(() => ending.abort(), 500); for await (const interval of open(1e6));',
  'a signal, with nobody asking on': `
    const intervals = open(1e6);
    setTimeout(() => ending.abort(), 500);
    await intervals.next();`,
  'a signal before the start': 'ending.abort(); for await (const interval of open(1e6));',
  'return() while an interval is awaited': `
    const intervals = open(1e6);
    const waiting = intervals.next();
    await sleep(500);
    await Promise.all([intervals.return(), waiting]);`,
  asyncDispose: `
    const intervals = open(0.1);
    await intervals.next();
    await intervals[Symbol.asyncDispose]();`,
  'an account that is never asked': 'open(1e6);',
};

for (const [name, body] of Object.entries(ENDS)) {
  test(`a program ends by itself after ${name}`, (context) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', PROGRAM(body)],
      { encoding: 'utf8', timeout: TIMEOUT_MILLISECONDS },
    );
    assert.deepEqual([status, stderr], [0, '']);
    if (stdout !== 'done\n') context.skip(stdout);
  });
}
