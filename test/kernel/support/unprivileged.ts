import { rmSync } from 'node:fs';
import { copyInstalled, NOBODY } from '../../support/installed-copy.js';
import { makeTemporaryDirectory } from '../../support/temporary-directory.js';
import type { Running } from './background.js';
import type { Finished } from './commands.js';
import type { Host } from './network.js';

const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

/** A copy of hostflow as it is installed, with the two users that may run it in a host. */
export interface Installed {
  /** The command line that runs it. */
  command(flags: readonly string[]): string[];
  asRoot(host: Host, flags: readonly string[]): Finished;
  asNobody(host: Host, flags: readonly string[]): Finished;
  /** Starts it as a user without privileges, beside the test. */
  startAsNobody(host: Host, flags: readonly string[]): Running;
}

/** Installs a copy of hostflow that every user may read, with its optional packages or without them. */
export async function installed(
  optional: 'with optional packages' | 'without optional packages',
  body: (copy: Installed) => Promise<void>,
): Promise<void> {
  const directory = makeTemporaryDirectory();
  try {
    const program = copyInstalled(directory, optional);
    await body({
      command: (flags) => [...program, ...flags],
      asRoot: (host, flags) => host.try('env', [...program, ...flags]),
      asNobody: (host, flags) => host.try('setpriv', [...AS_NOBODY, ...program, ...flags]),
      startAsNobody: (host, flags) => host.start('setpriv', [...AS_NOBODY, ...program, ...flags]),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Gives a hostflow that runs in a host as a user without privileges. */
export async function asNobody(
  host: Host,
  body: (hostflow: (flags: readonly string[]) => Finished) => Promise<void>,
): Promise<void> {
  await installed('with optional packages', (copy) => body((flags) => copy.asNobody(host, flags)));
}
