import { fileURLToPath } from 'node:url';

/** The repository, seen from where this file is once compiled. */
export const ROOT: URL = new URL('../../', import.meta.url);

/** The program that is measured. */
export const MAIN: string = fileURLToPath(new URL('dist/src/cli/main.js', ROOT));

/** A directory or file of the repository as a path. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
