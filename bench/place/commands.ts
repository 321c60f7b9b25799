import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a command, or undefined if this machine does not have it. */
export function findCommand(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Runs a command that must succeed and returns its output. */
export function mustRun(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: exit ${status ?? 'by a signal'}: ${stderr.trim()}`);
}

/** The result of a command that ran beside us. */
export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end without blocking, so that Ctrl-C works. Its output is dropped unless `output` is `keep`.
 */
export async function runBeside(
  command: string,
  args: readonly string[],
  output: 'drop' | 'keep' = 'drop',
): Promise<Finished> {
  const child = spawn(command, args, { stdio: ['ignore', output === 'keep' ? 'pipe' : 'ignore', 'pipe'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  try {
    let stderr = '';
    const printed: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => printed.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { status, stdout: printed.join(''), stderr };
  } finally {
    process.off('exit', kill);
  }
}
