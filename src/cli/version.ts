import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** The version of the package, from its manifest. */
export const VERSION: string = manifest.version;
