const MILLISECONDS = 1000;

/** How often something may be done: so many times at once, and so often a second in the long run. */
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

  /** Whether it may be done now, at this time in milliseconds, which never goes back; if so, it counts as done. */
  take(time: number): boolean {
    this.left = Math.min(this.most, this.left + ((time - this.time) * this.perSecond) / MILLISECONDS);
    this.time = time;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
