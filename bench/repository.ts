import { fileURLToPath } from 'node:url';

/** The root of the repository, relative to the compiled file. */
export const ROOT: URL = new URL('../../', import.meta.url);

/** The measured program. */
export const MAIN: string = fileURLToPath(new URL('dist/src/cli/main.js', ROOT));

/** The path of a directory or file in the repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
