/**
 * The number of the latest DESTROY events that are remembered for the next dump. The kernel sends the event shortly before it takes
 * the entry out of the table (`nf_ct_delete`), so a dump may still show the entry. There is at most one such entry for each CPU.
 */
const LATEST = 256;

/** The entries that were destroyed during a dump or just before it. Records of them in the dump may be outdated. */
export class Tombstones {
  isDumping = false;
  private destroyed = new Set<string>();
  /** The batch before `destroyed`. Outside dumps both together hold the latest events, `LATEST / 2` each. */
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
