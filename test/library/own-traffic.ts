/** Traffic of a test's own on the loopback interface, and accounts of it by sockets, which need no privilege. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { account, HostflowError, type AccountInterval, type AccountOptions } from 'hostflow';

/** A server that takes all that is sent to it. @returns its port */
async function listen(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    socket.on('end', () => socket.end('ok'));
  });
  server.unref().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
export const port: number = await listen();
export const otherPort: number = await listen();

/** Sends so many bytes on a connection of its own, which ends. */
export async function send(bytes: number, to: number = port): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: to }).resume();
  socket.end(Buffer.alloc(bytes));
  await once(socket, 'close');
}

/** Only the traffic of this file, as other tests use the loopback interface too. */
export const OWN: AccountOptions = {
  source: 'sockets',
  directions: ['loopback'],
  activePorts: [port, otherPort],
};
/** An interval that never ends by itself. */
export const LONG: number = 1_000_000;
const WITHIN_MILLISECONDS = 5_000;
/** An account is open after that. */
export const OPENING_MILLISECONDS: number = 1_000;

async function whyNot(): Promise<string | false> {
  try {
    const signal = AbortSignal.abort();
    await account({ ...OWN, signal }).next();
    return false;
  } catch (error) {
    if (error instanceof HostflowError) return error.message;
    throw error;
  }
}
const skip = await whyNot();

/** A test that is skipped where sockets cannot be asked. */
export function accountTest(name: string, body: () => Promise<void>): void {
  test(name, { skip, timeout: 30_000 }, body);
}

/** The bytes away from the local end in these intervals. */
export function sent(intervals: readonly AccountInterval[]): number {
  const flows = intervals.flatMap((interval) => interval.flows);
  return flows.reduce((sum, { delta }) => sum + Number(delta?.outbound.bytes ?? 0), 0);
}

/** The value, or a failure if it takes long. */
export async function soon<T>(promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      promise,
      sleep(WITHIN_MILLISECONDS, undefined, { signal: late.signal }).then(() => assert.fail('it takes long')),
    ]);
  } finally {
    late.abort();
  }
}

/** The first interval in which something flowed. */
export async function oneInterval(options: AccountOptions): Promise<AccountInterval> {
  const ending = new AbortController();
  const intervals = account({ ...OWN, interval: LONG, signal: ending.signal, ...options });
  const first = intervals.next();
  await sleep(OPENING_MILLISECONDS);
  await send(500);
  await send(90, otherPort);
  ending.abort();
  const { value } = await soon(first);
  assert.ok(value !== undefined);
  return value;
}
