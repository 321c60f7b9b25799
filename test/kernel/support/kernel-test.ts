import { test } from 'node:test';
import { whatIsMissing } from './ability.js';
import { Network } from './network.js';

const missing = whatIsMissing();
const required = process.env['HOSTFLOW_REQUIRE_KERNEL_TESTS'] === '1';

/** The runs that a test gets at most, if segments were repeated in those that failed. */
const RUNS = 3;

/**
 * A test against the running kernel, on a network of its own that is gone afterwards, also when the test fails.
 *
 * If the machine cannot run it, the test is skipped with the reason. With `HOSTFLOW_REQUIRE_KERNEL_TESTS=1` it fails instead.
 *
 * The cables lose nothing, so TCP repeats a segment only when the machine stalls. Conntrack ignores some repeated SYNs and SYN-ACKs
 * and does not account them, while the firewall counts them. A failed run in which segments were repeated is therefore run again.
 */
export function kernelTest(name: string, body: (network: Network) => Promise<void>): void {
  test(name, { timeout: 90_000, skip: required ? false : (missing ?? false) }, async () => {
    if (missing !== undefined) throw new Error(missing);
    for (let runsLeft = RUNS - 1; ; runsLeft--) {
      const network = new Network();
      try {
        await body(network);
        return;
      } catch (error) {
        const repeated = network.repeatedSegments();
        if (repeated === 0 || runsLeft === 0) throw error;
        console.error(`${name}: runs again, as ${repeated} TCP segments were repeated (${String(error)})`);
      } finally {
        await network.remove();
      }
    }
  });
}
