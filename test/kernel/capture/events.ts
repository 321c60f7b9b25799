import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../support/network.js';

/** Starts `conntrack -E` in a host. @returns a function that ends it and gives its output */
export async function events(host: Host, flags: readonly string[] = []): Promise<() => Promise<string>> {
  const child = spawn('ip', ['netns', 'exec', host.namespace, 'conntrack', '-E', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  // It prints nothing when it is ready.
  await sleep(500);
  return async () => {
    const closed = once(child, 'close');
    child.kill('SIGINT');
    await closed;
    return text;
  };
}
