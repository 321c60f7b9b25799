import { hostflow, series } from './cases.js';
import { mustRun } from './place/commands.js';
import { criteria, type Criterion } from './report/criteria.js';
import type { Meter } from './meter.js';
import type { BenchOptions } from './options.js';
import { measure, type Measured } from './rounds.js';
import { chooseScale } from './place/scale.js';
import type { Workshop } from './place/workshop.js';

/** Measures the processes that the chosen lines of the table of targets need. */
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
  const measured: Measured = { medians: new Map(), missing: new Map() };
  for (const cases of series(scale)) {
    const toMeasure = cases.filter(({ id }) => needed.has(id));
    const { medians, missing } = await measure(toMeasure, workshop, meter, runs, progress);
    for (const [of, figures] of medians) measured.medians.set(of, figures);
    for (const [of, reason] of missing) measured.missing.set(of, reason);
    await workshop.clear();
  }
  return { criteria: chosen, measured };
}

/** True if the help of the measured program lists the netlink source. */
function knowsNetlink(): boolean {
  const [command = '', ...args] = hostflow('--help');
  const [, afterSource = ''] = mustRun(command, args).split('--source', 2);
  return /^[^:]*\bnetlink\b/.test(afterSource);
}
