/**
 * Makes the captures in fixtures/ anew, on the kernel that runs: `node dist/test/kernel/capture/main.js fixtures`.
 * Root; iproute2, nftables, conntrack, ping.
 */
import { Network } from '../support/network.js';
import { captureLinux } from './linux.js';
import { captureWebServer } from './web-server.js';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: main.js DIRECTORY');

for (const capture of [captureLinux, captureWebServer]) {
  const network = new Network();
  try {
    await capture(network, directory);
  } finally {
    await network.remove();
  }
}
