import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.js';
import type { BenchNamespace } from './namespace.js';
import { Unavailable } from './unavailable.js';

const HOLDER = fileURLToPath(new URL('socket-holder.js', import.meta.url));
/** A generous number of files that Node opens for itself. */
const OTHER_FILES = 100;
/** The most holder processes, which limits the sockets if a process can open only few files. */
const MOST_HOLDERS = 16;
const FALLBACK_LIMIT = 1024;

/** The most sockets that can be held on this machine, given the hard limit of each process. */
export function mostSockets(): number {
  return MOST_HOLDERS * mostSocketsOfProcess();
}

/**
 * Sockets that one process can open. Node raises its soft limit to the hard limit. The number is even, because sockets
 * come in pairs.
 */
function mostSocketsOfProcess(): number {
  const hardLimit = /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const most = Number(hardLimit ?? FALLBACK_LIMIT) - OTHER_FILES;
  return most - (most % 2);
}

/** Opens that many loopback sockets in a namespace, connected in pairs, and keeps them open. */
export async function holdSockets(
  namespace: BenchNamespace,
  sockets: number,
  cleanup: Cleanup,
): Promise<void> {
  const most = mostSocketsOfProcess();
  for (let held = 0, holder = 1; held < sockets; held += most, holder++) {
    await startHolder(namespace, Math.min(most, sockets - held) / 2, `127.0.0.${holder}`, cleanup);
  }
}

async function startHolder(
  namespace: BenchNamespace,
  pairs: number,
  address: string,
  cleanup: Cleanup,
): Promise<void> {
  const [command = '', ...prefix] = namespace.prefix;
  const child = spawn(command, [...prefix, process.execPath, HOLDER, String(pairs), address], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  cleanup.add(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', () => {
      resolve();
    });
    child.once('exit', () => {
      reject(new Unavailable(`${pairs * 2} sockets could not be opened: ${stderr.trim().slice(-200)}`));
    });
  });
}
