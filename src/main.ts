#!/usr/bin/env node
import { run } from './cli.js';

const STDIN_FD = 0;
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
  process.exitCode = await run(process.argv.slice(2), {
    // Asking for it makes a pipe non-blocking, and costs time where it is not read.
    get stdin() {
      return process.stdin;
    },
    stdinFd: STDIN_FD,
    stdout: process.stdout,
    stderr: process.stderr,
    onInterrupt(listener) {
      for (const signal of INTERRUPTS) process.on(signal, listener);
      return () => {
        for (const signal of INTERRUPTS) process.off(signal, listener);
      };
    },
  });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`hostflow: internal error, please report it: ${reason}\n`);
  process.exitCode = 1;
}
