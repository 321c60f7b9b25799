#!/usr/bin/env node
import { run } from './cli.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  process.stderr.write(`hostflow: cannot write: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on('error', () => {
  // Whoever does not read the remarks still gets the whole listing.
});

try {
  process.exitCode = await run(process.argv.slice(2), process);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`hostflow: internal error, please report it: ${reason}\n`);
  process.exitCode = 1;
}
