import { performance } from 'node:perf_hooks';
import { measuredLook, millisecondsBetween } from './look-cost.js';

/** When to look between intervals. */
export interface LookTimes {
  /** The time from look to look. */
  milliseconds: number;
  /** True to look less often if looks take long. */
  isPaced: boolean;
  /** Asked each time: false to leave the look out. Always by default. */
  isDue?: () => boolean;
}

/** Takes looks at a table between intervals, one at a time. */
export class LooksBetween {
  private readonly look: () => Promise<unknown>;
  private readonly timer: NodeJS.Timeout;
  private current: Promise<void> = Promise.resolve();
  private isBusy = false;
  private notBefore = 0;
  private readonly isPaced: boolean;
  /** The error of a look that nobody waited for. The next interval throws it. */
  private failure: Error | undefined;

  constructor(look: () => Promise<unknown>, { milliseconds, isPaced, isDue = () => true }: LookTimes) {
    this.look = look;
    this.isPaced = isPaced;
    this.timer = setInterval(() => {
      if (!this.isBusy && performance.now() >= this.notBefore && isDue()) this.current = this.lookNow();
    }, milliseconds);
    // Other work decides when the process ends.
    this.timer.unref();
  }

  /** Runs `body` when no look runs, and lets none begin meanwhile. @throws the error of a look before it */
  async alone<T>(body: () => Promise<T>): Promise<T> {
    while (this.isBusy) await this.current;
    if (this.failure !== undefined) throw this.failure;
    this.isBusy = true;
    try {
      return await body();
    } finally {
      this.isBusy = false;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }

  private async lookNow(): Promise<void> {
    this.isBusy = true;
    try {
      await measuredLook(this.look, (milliseconds) => {
        if (this.isPaced) this.notBefore = performance.now() + millisecondsBetween(0, milliseconds);
      });
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      clearInterval(this.timer);
    } finally {
      this.isBusy = false;
    }
  }
}
