import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FuzzOptions } from '../support/options.js';
import type { MutationRun } from './mutated-lines.js';

/** Divides the lines among one thread per processor. Each line is the same in every thread. */
export async function fuzzOnEveryProcessor(options: FuzzOptions): Promise<MutationRun> {
  const threads = Math.min(availableParallelism(), options.lines);
  const share = Math.ceil(options.lines / threads);
  const runs = await Promise.all(
    Array.from({ length: threads }, (_, index) => {
      const lines = Math.min(share, options.lines - index * share);
      return runInThread({ ...options, lines, first: options.first + index * share });
    }),
  );
  return {
    lines: runs.reduce((sum, run) => sum + run.lines, 0),
    seconds: Math.max(...runs.map((run) => run.seconds)),
    crashes: runs.flatMap((run) => run.crashes),
  };
}

async function runInThread(options: FuzzOptions): Promise<MutationRun> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options });
  const [run] = (await once(worker, 'message')) as [MutationRun];
  return run;
}
