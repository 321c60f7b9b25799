import { markdownTable } from './markdown-table.js';

/** The fields of a V8 CPU profile (`*.cpuprofile`) that are used here. */
export interface CpuProfile {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  /** The node on top of the stack at each sample. */
  samples: readonly number[];
  /** Microseconds since the previous sample. */
  timeDeltas: readonly number[];
}

/** The share of time spent in a function itself, without its callees. */
export interface SelfTime {
  name: string;
  /** Its file, relative to the repository, and line; empty for V8's own work. */
  place: string;
  share: number;
}

const MOST_ROWS = 20;
/** V8's name for idle time. */
const IDLE = '(idle)';

/** Adds up the self time of each function over several profiles of the same run, the largest first. */
export function selfTimes(profiles: readonly CpuProfile[]): SelfTime[] {
  const microseconds = new Map<string, { name: string; place: string; sum: number }>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [index, id] of samples.entries()) {
      const frame = frames.get(id);
      if (frame === undefined || frame.functionName === IDLE) continue;
      const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
      const place = placeOf(frame.url, frame.lineNumber);
      const known = microseconds.get(`${name} ${place}`) ?? { name, place, sum: 0 };
      known.sum += Math.max(0, timeDeltas[index] ?? 0);
      microseconds.set(`${name} ${place}`, known);
    }
  }
  const all = [...microseconds.values()];
  const total = all.reduce((sum, one) => sum + one.sum, 0);
  return all
    .map(({ name, place, sum }) => ({ name, place, share: total === 0 ? 0 : sum / total }))
    .sort((a, b) => b.share - a.share);
}

function placeOf(url: string, lineNumber: number): string {
  if (url === '') return '';
  const short = url.replace(/^.*\/dist\//, '').replace(/^.*\/node_modules\//, 'node_modules/');
  return `${short}:${lineNumber + 1}`;
}

/** The functions with the most self time, in percent. The last row sums the rest. */
export function profileTable(times: readonly SelfTime[]): string {
  const shown = times.slice(0, MOST_ROWS);
  const rest = times.slice(MOST_ROWS).reduce((sum, { share }) => sum + share, 0);
  const rows = [...shown, { name: 'everything else', place: '', share: rest }].map(
    ({ name, place, share }) => [name, place, `${(share * 100).toFixed(1)} %`],
  );
  return markdownTable(
    [
      ['function', 'left'],
      ['where, in the compiled code', 'left'],
      ['self time', 'right'],
    ],
    rows,
  );
}
