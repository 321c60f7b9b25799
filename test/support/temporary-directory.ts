import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

/** The places for temporary directories. The first one that others may enter is taken. */
const PLACES = [tmpdir(), '/tmp'];

const made: string[] = [];
after(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory that goes away with the test file. */
export function temporaryDirectory(): string {
  const directory = makeTemporaryDirectory();
  made.push(directory);
  return directory;
}

/** Makes a directory that every user may enter. With pam_tmpdir, the user's own temporary directory is closed to others. */
export function makeTemporaryDirectory(): string {
  const directory = mkdtempSync(join(PLACES.find(othersMayEnter) ?? tmpdir(), 'hostflow-test-'));
  chmodSync(directory, 0o755);
  return directory;
}

/** Lets every user read what lies in a directory, whatever the umask was when it was written. */
export function letEveryoneRead(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = statSync(path);
    chmodSync(path, mode | ((mode & 0o100) === 0 ? 0o444 : 0o555));
  }
}

function othersMayEnter(directory: string): boolean {
  const parent = dirname(directory);
  const isOpen = existsSync(directory) && (statSync(directory).mode & 0o001) !== 0;
  return isOpen && (parent === directory || othersMayEnter(parent));
}
