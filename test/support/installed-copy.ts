import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { letEveryoneRead } from './temporary-directory.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The user id and the group id of a user without privileges. */
export const NOBODY = 65534;

/** The command that runs a copy: Node.js and the main module. */
export type Program = readonly [node: string, main: string];

/**
 * Copies hostflow as it is installed into an empty directory, with its optional packages or without them, and Node.js too if
 * another user cannot run it where it is. Every user may read the copy; the repository itself may be below a private directory.
 */
export function copyInstalled(
  directory: string,
  optional: 'with optional packages' | 'without optional packages',
): Program {
  for (const part of installedParts(optional === 'with optional packages')) {
    cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  }
  // An empty folder is a package that cannot be imported. Without it the search would go on in the folders above.
  mkdirSync(join(directory, 'node_modules/koffi'), { recursive: true });
  const node = nobodyRunsNode() ? process.execPath : join(directory, 'node');
  if (node !== process.execPath) cpSync(process.execPath, node);
  letEveryoneRead(directory);
  return [node, join(directory, 'dist/src/cli/main.js')];
}

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

function nobodyRunsNode(): boolean {
  return spawnSync(process.execPath, ['--version'], { uid: NOBODY, gid: NOBODY }).status === 0;
}
