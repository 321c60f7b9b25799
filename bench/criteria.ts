import { LONG } from './cases.js';
import type { Scale } from './scale.js';

/** The medians of one process. */
export interface Medians {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number | undefined;
  /** The quickest and the slowest run. */
  fastest: number;
  slowest: number;
}

/** What the figure of a criterion is. */
export type Unit = 'ratio' | 'seconds' | 'milliseconds' | 'megabytes';

/** A line of the table of targets. */
export interface Criterion {
  what: string;
  /** What it is compared with. */
  against: string;
  /** The ids of the cases that {@link Criterion.figure} takes, in its order. */
  cases: readonly string[];
  /** Undefined where a peak is not known. */
  figure: (...medians: Medians[]) => number | undefined;
  unit: Unit;
  /** The most that the figure should be. */
  target?: number;
}

const MILLISECONDS = 1000;
const BYTES_PER_MEGABYTE = 1e6;
/** Two peaks within so many megabytes are the same: garbage collection alone moves them by some. */
const SAME_PEAK_MEGABYTES = 5;

type Figure = Criterion['figure'];

const timeRatio: Figure = (a, b) => (a && b ? a.seconds / b.seconds : undefined);
const addedMilliseconds: Figure = (a, b) => (a && b ? (a.seconds - b.seconds) * MILLISECONDS : undefined);
const addedSeconds: Figure = (a, b) => (a && b ? a.seconds - b.seconds : undefined);
const addedMegabytes: Figure = (a, b) =>
  a?.peakBytes === undefined || b?.peakBytes === undefined
    ? undefined
    : (a.peakBytes - b.peakBytes) / BYTES_PER_MEGABYTE;

/** The table of targets. Those of netlink are there once the program has that source. */
export function criteria(scale: Scale, netlink: boolean): Criterion[] {
  return [
    ...liveCriteria(scale),
    ...(netlink ? netlinkCriteria(scale) : []),
    ...textCriteria(scale),
    ...memoryCriteria(scale),
    ...startCriteria(scale),
  ];
}

function liveCriteria({ live, sockets }: Scale): Criterion[] {
  const procfs = `--source procfs, ${live.entries.toLocaleString('en')} live entries`;
  const many = sockets.toLocaleString('en');
  return [
    {
      what: procfs,
      against: 'conntrack -L',
      cases: ['procfs', 'conntrack'],
      figure: timeRatio,
      unit: 'ratio',
      target: 0.8,
    },
    {
      what: procfs,
      against: 'C read loop',
      cases: ['procfs', 'read-table'],
      figure: timeRatio,
      unit: 'ratio',
      target: 1.6,
    },
    {
      what: `${many} sockets beside the table, added time`,
      against: 'as many entries without them',
      cases: ['procfs-and-sockets', 'procfs'],
      figure: addedSeconds,
      unit: 'seconds',
    },
    {
      what: `${many} sockets beside the table, added time`,
      against: 'the same plus the C read loop on /proc/net/tcp',
      cases: ['procfs-and-sockets', 'procfs', 'read-sockets'],
      figure: (both, table, file) => both && table && file && both.seconds - table.seconds - file.seconds,
      unit: 'seconds',
      target: 0.2,
    },
    {
      what: `--source sockets, ${many} sockets`,
      against: 'ss -tni',
      cases: ['sockets', 'ss'],
      figure: timeRatio,
      unit: 'ratio',
    },
  ];
}

function netlinkCriteria({ live, sockets }: Scale): Criterion[] {
  const netlink = `--source netlink, ${live.entries.toLocaleString('en')} live entries`;
  return [
    {
      what: netlink,
      against: 'conntrack -L',
      cases: ['netlink', 'conntrack'],
      figure: timeRatio,
      unit: 'ratio',
      target: 0.6,
    },
    {
      what: `--source netlink, ${sockets.toLocaleString('en')} sockets`,
      against: 'ss -tni',
      cases: ['netlink-sockets', 'ss'],
      figure: timeRatio,
      unit: 'ratio',
      target: 0.7,
    },
    {
      what: `${netlink}, peak memory`,
      against: 'above bare node',
      cases: ['netlink', 'node'],
      figure: addedMegabytes,
      unit: 'megabytes',
      target: 40,
    },
  ];
}

function textCriteria({ usual: { entries, flows } }: Scale): Criterion[] {
  const lines = entries.toLocaleString('en');
  return [
    {
      what: `--stdin, ${lines} lines`,
      against: 'wc -l plus bare node',
      cases: ['stdin', 'wc', 'node'],
      figure: (stdin, wc, node) => stdin && wc && node && stdin.seconds / (wc.seconds + node.seconds),
      unit: 'ratio',
    },
    {
      what: `--stdin, ${lines} lines`,
      against: 'bare node (0.30 s where that takes 0.08 s)',
      cases: ['stdin', 'node'],
      figure: timeRatio,
      unit: 'ratio',
      target: 3.75,
    },
    {
      what: `--stdin, ${lines} lines`,
      against: 'awk, bytes per destination',
      cases: ['stdin', 'awk'],
      figure: timeRatio,
      unit: 'ratio',
    },
    {
      what: `--input, ${(entries * LONG).toLocaleString('en')} lines`,
      against: `${lines} lines`,
      cases: ['input-long', 'input'],
      figure: timeRatio,
      unit: 'ratio',
      target: LONG,
    },
    {
      what: `${lines} lines of as many host flows`,
      against: `of ${flows.toLocaleString('en')} host flows`,
      cases: ['input-distinct', 'input'],
      figure: timeRatio,
      unit: 'ratio',
      target: 2.5,
    },
  ];
}

function memoryCriteria({ usual: { entries }, live }: Scale): Criterion[] {
  const lines = entries.toLocaleString('en');
  const long = (entries * LONG).toLocaleString('en');
  const aboveNode = (id: string, what: string): Criterion => ({
    what: `${what}, peak memory`,
    against: 'above bare node',
    cases: [id, 'node'],
    figure: addedMegabytes,
    unit: 'megabytes',
    target: 40,
  });
  return [
    aboveNode('input', `--input, ${lines} lines`),
    aboveNode('input-long', `--input, ${long} lines`),
    {
      what: `--input, ${long} lines, peak memory`,
      against: `above ${lines} lines ("the same")`,
      cases: ['input-long', 'input'],
      figure: addedMegabytes,
      unit: 'megabytes',
      target: SAME_PEAK_MEGABYTES,
    },
    aboveNode('procfs', `--source procfs, ${live.entries.toLocaleString('en')} live entries`),
  ];
}

function startCriteria({ rows }: Scale): Criterion[] {
  const start = (id: string, how: string, target: number): Criterion => ({
    what: `start-up on an empty table, ${how}`,
    against: 'above bare node',
    cases: [id, 'node'],
    figure: addedMilliseconds,
    unit: 'milliseconds',
    target,
  });
  return [
    start('empty-json', '--json', 40),
    start('empty-table', 'table, piped', 80),
    start('empty-terminal', 'table, on a terminal', 80),
    {
      what: `--limit 0, ${rows.toLocaleString('en')} table rows`,
      against: 'above the JSON',
      cases: ['rows-table', 'rows-json'],
      figure: addedSeconds,
      unit: 'seconds',
      target: 0.5,
    },
  ];
}
