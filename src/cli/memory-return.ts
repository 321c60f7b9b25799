import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many rows leave megabytes of forgotten flows behind. */
const MANY_ROWS = 50_000;
/** An interval with fewer rows is quiet. */
const FEW_ROWS = 1_000;
/** Longer than flows are remembered after their last change. */
const QUIET_SECONDS = 75;

/**
 * Returns the memory of forgotten flows to the system. V8 collects garbage when it allocates, and an account without traffic
 * allocates next to nothing: after a burst of peers a gigabyte would stay for hours.
 */
export class MemoryReturn {
  private rows = 0;
  private quietSeconds = 0;

  /** Takes note of an interval. After many rows and a long quiet time it collects garbage, once. */
  note(rows: number, seconds: number): void {
    this.rows += rows;
    this.quietSeconds = rows < FEW_ROWS ? this.quietSeconds + seconds : 0;
    if (this.rows < MANY_ROWS || this.quietSeconds < QUIET_SECONDS) return;
    this.rows = 0;
    collectGarbage();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (() => void) | undefined;
  gc?.();
}
