const MILLISECONDS = 1000;

/** Limits how often something is done: `most` times in a row, and `perSecond` times a second in the long run. */
export class Allowance {
  private readonly most: number;
  private readonly perSecond: number;
  private left: number;
  private time = 0;

  constructor(most: number, perSecond: number) {
    this.most = most;
    this.perSecond = perSecond;
    this.left = most;
  }

  /** True if it may be done now; it then counts as done. @param time of a monotonic clock, in milliseconds */
  take(time: number): boolean {
    this.left = Math.min(this.most, this.left + ((time - this.time) * this.perSecond) / MILLISECONDS);
    this.time = time;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
