import { cpSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Running } from './background.js';
import { run, type Finished } from './commands.js';
import type { Host } from './network.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** The directories that an installed hostflow consists of: itself and what it depends on. */
function installedParts(withOptional: boolean): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const dependencies = Object.entries(lock.packages).filter(
    ([path, { dev, optional }]) => path !== '' && dev !== true && (withOptional || optional !== true),
  );
  // The lock file names koffi's binaries for every platform; one of them is there, or none.
  const installed = dependencies.map(([path]) => path).filter((path) => existsSync(join(ROOT, path)));
  return ['package.json', 'dist/src', 'dist/parsers', ...installed];
}

/** A copy of hostflow as it is installed, with the two users that may run it in a host. */
export interface Installed {
  asRoot(host: Host, flags: readonly string[]): Finished;
  asNobody(host: Host, flags: readonly string[]): Finished;
  /** Starts it as a user without privileges, beside the test. */
  startAsNobody(host: Host, flags: readonly string[]): Running;
}

/**
 * Installs a copy of hostflow in a place that anyone may read, as the repository itself may well be below /root; with
 * its optional packages or without them.
 */
export async function installed(
  optional: 'with optional packages' | 'without optional packages',
  body: (copy: Installed) => Promise<void>,
): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'hostflow-'));
  try {
    chmodSync(copy, 0o755);
    for (const part of installedParts(optional === 'with optional packages')) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    const node = run('setpriv', [...NOBODY, process.execPath, '--version']).status === 0;
    if (!node) cpSync(process.execPath, join(copy, 'node'));
    const program = [node ? process.execPath : join(copy, 'node'), join(copy, 'dist/src/cli/main.js')];
    await body({
      asRoot: (host, flags) => host.try('env', [...program, ...flags]),
      asNobody: (host, flags) => host.try('setpriv', [...NOBODY, ...program, ...flags]),
      startAsNobody: (host, flags) => host.start('setpriv', [...NOBODY, ...program, ...flags]),
    });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Gives a hostflow that runs in a host as a user without privileges. */
export async function asNobody(
  host: Host,
  body: (hostflow: (flags: readonly string[]) => Finished) => Promise<void>,
): Promise<void> {
  await installed('with optional packages', (copy) => body((flags) => copy.asNobody(host, flags)));
}
