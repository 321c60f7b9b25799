#!/usr/bin/env node
import { run } from './program.js';

const STDIN_FD = 0;
const STDOUT_FD = 1;
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) closes the pipe. That is no error.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  process.stderr.write(`hostflow: cannot write: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on('error', () => {
  // The listing is printed even if nobody reads the remarks.
});

process.on('uncaughtException', (error) => {
  // Registered last: the live view restores the terminal first.
  process.on('exit', () => {
    reportInternalError(error);
  });
  process.exit(1);
});

function reportInternalError(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`hostflow: internal error, please report it: ${reason}\n`);
}

try {
  process.exitCode = await run(process.argv.slice(2), {
    // Reading this property makes a pipe non-blocking, and costs time even if nothing is read.
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
    onExit(listener) {
      process.on('exit', listener);
      return () => process.off('exit', listener);
    },
    onStop(leave, enter) {
      const stop = (): void => {
        leave();
        process.kill(process.pid, 'SIGSTOP');
      };
      process.on('SIGTSTP', stop).on('SIGCONT', enter);
      return {
        // The terminal's driver signals the whole job too, sudo included.
        stopProcess: () => process.kill(0, 'SIGTSTP'),
        stopListening: () => process.off('SIGTSTP', stop).off('SIGCONT', enter),
      };
    },
    async openReaderProbe() {
      const { openReaderProbe } = await import('./reader-probe.js');
      return await openReaderProbe(STDOUT_FD);
    },
    terminalType: process.env['TERM'],
  });
} catch (error) {
  reportInternalError(error);
  process.exitCode = 1;
}
