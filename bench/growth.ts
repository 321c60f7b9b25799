import { AWK_PROGRAM, hostflowOn, type Case } from './cases.js';
import type { Extent } from './place/entries.js';
import { BYTES_PER_MEGABYTE } from './report/figure.js';
import type { Meter } from './meter.js';
import type { BenchOptions } from './options.js';
import type { Series } from './report/plot.js';
import { measure, type Measured } from './rounds.js';
import type { Workshop } from './place/workshop.js';

const FLOWS = 4000;
const LINES = [10_000, 30_000, 100_000, 300_000, 1_000_000];
const MORE_LINES = [3_000_000, 10_000_000];
const HOST_FLOWS = [1000, 10_000, 100_000, 1_000_000];
const LINES_OF_HOST_FLOWS = 1_000_000;

/** Growth of processor time and memory with a size. Over so many runs, other load would distort elapsed time. */
export interface Growth {
  cpuSeconds: Series[];
  megabytes: Series[];
}

/** The tools that read the same text, hostflow first. */
const TOOLS: readonly { name: string; command: (file: string) => string[] }[] = [
  { name: 'hostflow', command: (file) => hostflowOn(file, '--json') },
  { name: 'awk', command: (file) => ['awk', AWK_PROGRAM, file] },
  { name: 'wc -l', command: (file) => ['wc', '-l', file] },
];

/** Measures how cost grows with entries (at 4,000 host flows) and with host flows (at a million entries). */
export async function measureGrowth(
  { runs, full }: BenchOptions,
  workshop: Workshop,
  meter: Meter,
  progress: (text: string) => void,
): Promise<Record<'entries' | 'flows', Growth>> {
  const lines = full ? [...LINES, ...MORE_LINES] : LINES;
  const byEntries = casesOf(
    lines,
    lines.map((entries) => ({ entries, flows: FLOWS })),
  );
  const byFlows = casesOf(
    HOST_FLOWS,
    HOST_FLOWS.map((flows) => ({ entries: LINES_OF_HOST_FLOWS, flows })),
  );
  const entries = await measure([...byEntries.keys()], workshop, meter, runs, progress);
  const flows = await measure([...byFlows.keys()], workshop, meter, runs, progress);
  return { entries: growthOf(byEntries, entries), flows: growthOf(byFlows, flows) };
}

/** The place of a case in the plot. */
interface Place {
  tool: string;
  x: number;
}

function casesOf(xs: readonly number[], extents: readonly Extent[]): Map<Case, Place> {
  const places = new Map<Case, Place>();
  for (const [index, extent] of extents.entries()) {
    for (const { name, command } of TOOLS) {
      const label = `${name}, ${extent.entries} lines of ${extent.flows} host flows`;
      const prepare: Case['prepare'] = (workshop) => ({ command: command(workshop.text(extent)) });
      places.set({ id: label, label, prepare }, { tool: name, x: xs[index] ?? 0 });
    }
  }
  return places;
}

function growthOf(places: ReadonlyMap<Case, Place>, { medians }: Measured): Growth {
  const measured = [...medians].flatMap(([of, figures]) => {
    const place = places.get(of);
    return place === undefined ? [] : [{ ...place, ...figures }];
  });
  const ofTool = (name: string): typeof measured => measured.filter(({ tool }) => tool === name);
  return {
    cpuSeconds: TOOLS.map(({ name }) => ({
      name,
      points: ofTool(name).map(({ x, cpuSeconds }) => [x, cpuSeconds]),
    })),
    megabytes: TOOLS.map(({ name }) => ({
      name,
      points: ofTool(name).flatMap(({ x, peakBytes }) =>
        peakBytes === undefined ? [] : [[x, peakBytes / BYTES_PER_MEGABYTE] as const],
      ),
    })),
  };
}
