import { spawnSync } from 'node:child_process';

/** The result of a finished command. */
export interface Finished {
  /** Exit code; -1 when it did not start, ran out of time or died of a signal. */
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Nothing inherits our pipes, so nothing can hold them open. */
export function run(command: string, args: readonly string[], input = ''): Finished {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  // A command that does not exist leaves no output at all, whatever the types say.
  if (error !== undefined) return { status: -1, stdout: '', stderr: error.message };
  return { status: status ?? -1, stdout, stderr };
}

/** Runs a command that has to succeed and returns its standard output. */
export function mustRun(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = run(command, args, input);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}: ${stderr.trim()}`);
  return stdout;
}
