/**
 * How many of the latest DESTROY events before a dump are remembered for it. The kernel sends the event shortly before it
 * takes the entry out of the table (`nf_ct_delete`), so that a dump may still show it; at most one for each CPU.
 */
const LATEST = 256;

/** The entries that were destroyed while a dump is in progress, or just before: its records of them are not to be believed. */
export class Tombstones {
  isDumping = false;
  private destroyed = new Set<string>();
  /** Outside dumps the latest two batches of `LATEST / 2`. */
  private previous = new Set<string>();

  beginDump(): void {
    this.isDumping = true;
  }

  endDump(): void {
    this.isDumping = false;
    this.destroyed = new Set();
    this.previous = new Set();
  }

  add(identity: string): void {
    this.destroyed.add(identity);
    if (this.isDumping || this.destroyed.size < LATEST / 2) return;
    this.previous = this.destroyed;
    this.destroyed = new Set();
  }

  has(identity: string): boolean {
    return this.destroyed.has(identity) || this.previous.has(identity);
  }
}
