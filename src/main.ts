#!/usr/bin/env node
import { run } from './cli.js';

// A reader that has seen enough (`| head`) closes the pipe: that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    process.stderr.write(`hostflow: cannot write: ${error.message}\n`);
    process.exit(1);
  });
}

try {
  process.exitCode = await run(process.argv.slice(2), process);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`hostflow: internal error, please report it: ${reason}\n`);
  process.exitCode = 1;
}
