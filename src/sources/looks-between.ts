import { performance } from 'node:perf_hooks';
import { cpuUsage } from 'node:process';

/** The largest share of one processor that the looks may take. */
const MOST_SHARE = 0.1;

/** Takes looks at a table between intervals: one at a time, and less often if they take long. */
export class LooksBetween {
  private readonly look: () => Promise<void>;
  private readonly isDue: () => boolean;
  private readonly timer: NodeJS.Timeout;
  private current: Promise<void> = Promise.resolve();
  private isBusy = false;
  private notBefore = 0;
  /** The error of a look that nobody waited for. The next interval throws it. */
  private failure: Error | undefined;

  /**
   * @param milliseconds the time from look to look
   * @param isDue asked each time: false to leave the look out
   */
  constructor(milliseconds: number, look: () => Promise<void>, isDue: () => boolean) {
    this.look = look;
    this.isDue = isDue;
    this.timer = setInterval(() => {
      if (!this.isBusy && performance.now() >= this.notBefore && this.isDue()) this.current = this.lookNow();
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
    const before = cpuUsage();
    try {
      await this.look();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      clearInterval(this.timer);
    } finally {
      const { user, system } = cpuUsage(before);
      this.notBefore = performance.now() + (user + system) / 1000 / MOST_SHARE;
      this.isBusy = false;
    }
  }
}
