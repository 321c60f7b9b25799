import { LONG } from '../cases.js';
import type { Scale } from '../place/scale.js';

/** The figures of a criterion. Each compares the medians of a process with the sum of those of its reference. */
export type Figure = 'time ratio' | 'added seconds' | 'added milliseconds' | 'added megabytes';

/** A line of the table of targets. */
export interface Criterion {
  what: string;
  /** The reference, as shown in the table. */
  against: string;
  figure: Figure;
  /** The id of the measured case. */
  of: string;
  /** The ids of the reference cases, which are added up. */
  to: readonly string[];
  /** The largest acceptable figure. */
  target?: number;
}

/** Peaks within this many megabytes count as the same, because garbage collection alone moves them. */
const SAME_PEAK_MEGABYTES = 5;

/** The table of targets. The lines of netlink are included if the program has that source. */
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
  const added = {
    what: `${many} sockets beside the table, added time`,
    figure: 'added seconds',
    of: 'procfs-and-sockets',
  } as const;
  return [
    timeRatio(procfs, 'conntrack -L', 'procfs', ['conntrack'], 0.8),
    timeRatio(procfs, 'C read loop', 'procfs', ['read-table'], 1.6),
    { ...added, against: 'as many entries without them', to: ['procfs'] },
    {
      ...added,
      against: 'that and the C read loop on /proc/net/tcp',
      to: ['procfs', 'read-sockets'],
      target: 0.2,
    },
    timeRatio(`--source sockets, ${many} sockets`, 'ss -tni', 'sockets', ['ss']),
  ];
}

function netlinkCriteria({ live, sockets }: Scale): Criterion[] {
  const netlink = `--source netlink, ${live.entries.toLocaleString('en')} live entries`;
  const many = sockets.toLocaleString('en');
  return [
    timeRatio(netlink, 'conntrack -L', 'netlink', ['conntrack'], 0.6),
    timeRatio(`--source netlink, ${many} sockets`, 'ss -tni', 'netlink-sockets', ['ss'], 0.7),
    peakAboveNode(netlink, 'netlink'),
  ];
}

function textCriteria({ usual: { entries, flows } }: Scale): Criterion[] {
  const lines = `${entries.toLocaleString('en')} lines`;
  const longer = `${(entries * LONG).toLocaleString('en')} lines`;
  const stdin = `--stdin, ${lines}`;
  return [
    timeRatio(stdin, 'wc -l plus bare node', 'stdin', ['wc', 'node']),
    timeRatio(stdin, 'bare node (0.30 s where that takes 0.08 s)', 'stdin', ['node'], 3.75),
    timeRatio(stdin, 'awk, bytes per destination', 'stdin', ['awk']),
    timeRatio(`--input, ${longer}`, lines, 'input-long', ['input'], LONG),
    timeRatio(
      `${lines} of as many host flows`,
      `of ${flows.toLocaleString('en')} host flows`,
      'input-distinct',
      ['input'],
      2.5,
    ),
  ];
}

function memoryCriteria({ usual: { entries }, live }: Scale): Criterion[] {
  const lines = `${entries.toLocaleString('en')} lines`;
  const longer = `--input, ${(entries * LONG).toLocaleString('en')} lines`;
  return [
    peakAboveNode(`--input, ${lines}`, 'input'),
    peakAboveNode(longer, 'input-long'),
    {
      what: `${longer}, peak memory`,
      against: `above ${lines} ("the same")`,
      figure: 'added megabytes',
      of: 'input-long',
      to: ['input'],
      target: SAME_PEAK_MEGABYTES,
    },
    peakAboveNode(`--source procfs, ${live.entries.toLocaleString('en')} live entries`, 'procfs'),
  ];
}

function startCriteria({ rows }: Scale): Criterion[] {
  return [
    startAboveNode('--json', 'empty-json', 40),
    startAboveNode('table, piped', 'empty-table', 80),
    startAboveNode('table, on a terminal', 'empty-terminal', 80),
    {
      what: `--limit 0, ${rows.toLocaleString('en')} table rows`,
      against: 'above the JSON',
      figure: 'added seconds',
      of: 'rows-table',
      to: ['rows-json'],
      target: 0.5,
    },
  ];
}

function timeRatio(
  what: string,
  against: string,
  of: string,
  to: readonly string[],
  target?: number,
): Criterion {
  return { what, against, figure: 'time ratio', of, to, ...(target === undefined ? {} : { target }) };
}

function peakAboveNode(what: string, of: string): Criterion {
  return {
    what: `${what}, peak memory`,
    against: 'above bare node',
    figure: 'added megabytes',
    of,
    to: ['node'],
    target: 40,
  };
}

function startAboveNode(how: string, of: string, target: number): Criterion {
  return {
    what: `start-up on an empty table, ${how}`,
    against: 'above bare node',
    figure: 'added milliseconds',
    of,
    to: ['node'],
    target,
  };
}
