import { cases, hostflow } from './cases.js';
import { mustRun } from './commands.js';
import { criteria, type Criterion } from './criteria.js';
import type { Meter } from './meter.js';
import type { BenchOptions } from './options.js';
import { measure, type Measured } from './rounds.js';
import { chooseScale } from './scale.js';
import type { Workshop } from './workshop.js';

/** Measures what the chosen lines of the table of targets need, and no more. */
export async function measureTargets(
  { entries, only, runs }: BenchOptions,
  workshop: Workshop,
  meter: Meter,
  progress: (text: string) => void,
): Promise<{ criteria: Criterion[]; measured: Measured }> {
  const scale = chooseScale(entries);
  const chosen = criteria(scale, knowsNetlink()).filter(
    ({ what, against }) => only?.test(`${what} / ${against}`) ?? true,
  );
  const needed = new Set(chosen.flatMap(({ of, to }) => [of, ...to]));
  const toMeasure = cases(scale).filter(({ id }) => needed.has(id));
  return { criteria: chosen, measured: await measure(toMeasure, workshop, meter, runs, progress) };
}

/** Whether the program that is measured has that source, by its help. */
function knowsNetlink(): boolean {
  const [command = '', ...args] = hostflow('--help');
  const [, afterSource = ''] = mustRun(command, args).split('--source', 2);
  return /^[^:]*\bnetlink\b/.test(afterSource);
}
