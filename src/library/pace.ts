import { performance } from 'node:perf_hooks';
import { measuredLook, millisecondsBetween } from '../sources/look-cost.js';

/**
 * Decides when to dump next. A dump reads the whole table, and a big one takes long. It is then read less often, so that an account
 * costs the host no more than a tenth of one processor.
 */
export class Pace {
  private readonly intervalMilliseconds: number;
  private lookedAt: number = performance.now();
  private lookMilliseconds = 0;

  constructor(intervalSeconds: number) {
    this.intervalMilliseconds = intervalSeconds * 1000;
  }

  /** The time to wait before the next look. */
  get pauseMilliseconds(): number {
    const between = millisecondsBetween(this.intervalMilliseconds, this.lookMilliseconds);
    return Math.max(0, this.lookedAt + between - performance.now());
  }

  /** Takes a look. @returns its result, and the seconds since the last look, to the millisecond */
  async look<Seen>(take: () => Promise<Seen>): Promise<{ seen: Seen; seconds: number }> {
    const seen = await measuredLook(take, (milliseconds) => {
      this.lookMilliseconds = milliseconds;
    });
    const now = performance.now();
    const seconds = Math.round(now - this.lookedAt) / 1000;
    this.lookedAt = now;
    return { seen, seconds };
  }
}
