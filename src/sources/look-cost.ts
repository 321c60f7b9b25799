import { cpuUsage } from 'node:process';

/** The largest share of one processor that looks at tables may take. */
const MOST_SHARE = 0.1;

/** The time from look to look, if one takes so much of a processor's. */
export function millisecondsBetween(intervalMilliseconds: number, lookMilliseconds: number): number {
  return Math.max(intervalMilliseconds, lookMilliseconds / MOST_SHARE);
}

/** Takes a look. @param onCost called with the time of a processor that it took, also if it fails */
export async function measuredLook<Seen>(
  look: () => Promise<Seen>,
  onCost: (milliseconds: number) => void,
): Promise<Seen> {
  const before = cpuUsage();
  try {
    return await look();
  } finally {
    const { user, system } = cpuUsage(before);
    onCost((user + system) / 1000);
  }
}
