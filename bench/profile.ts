import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostflowOn } from './cases.js';
import { runBeside } from './place/commands.js';
import { selfTimes, type CpuProfile, type SelfTime } from './report/profile-summary.js';
import type { Workshop } from './place/workshop.js';

const MICROSECONDS_BETWEEN_SAMPLES = 200;

/** Profiles the listing of the usual text: one profile a run, all added up. */
export async function profileListing(
  workshop: Workshop,
  runs: number,
  progress: (text: string) => void,
): Promise<SelfTime[]> {
  const [node = '', ...args] = hostflowOn(workshop.usualText(), '--json');
  const directory = mkdtempSync(join(workshop.directory, 'profile-'));
  const flags = [
    '--cpu-prof',
    `--cpu-prof-dir=${directory}`,
    `--cpu-prof-interval=${MICROSECONDS_BETWEEN_SAMPLES}`,
  ];
  for (let run = 1; run <= runs; run++) {
    progress(`profile ${run} of ${runs}`);
    const { status, stderr } = await runBeside(node, [...flags, ...args]);
    if (status !== 0) throw new Error(`hostflow failed under the profiler: ${stderr.trim()}`);
  }
  return selfTimes(readdirSync(directory).map((name) => readProfile(join(directory, name))));
}

function readProfile(path: string): CpuProfile {
  return JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
}
