import { test } from 'node:test';
import { whatIsMissing } from './ability.js';
import { Network } from './network.js';

const missing = whatIsMissing();
const required = process.env['HOSTFLOW_REQUIRE_KERNEL_TESTS'] === '1';

/**
 * A test against the running kernel, on a network of its own that is gone afterwards, also when the test fails.
 *
 * If the machine cannot run it, the test is skipped with the reason. With `HOSTFLOW_REQUIRE_KERNEL_TESTS=1` it fails instead.
 */
export function kernelTest(name: string, body: (network: Network) => Promise<void>): void {
  test(name, { timeout: 90_000, skip: required ? false : (missing ?? false) }, async () => {
    if (missing !== undefined) throw new Error(missing);
    const network = new Network();
    try {
      await body(network);
    } finally {
      await network.remove();
    }
  });
}
