import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
/** Names of files with the output of kernels and conntrack: without a suffix, or with `.txt`. */
const TABLE =
  /^(?:(?:nf_|ip_)?conntrack|expect|(?:proc-net-)?(?:tcp|udp|raw)|vendor|handwritten)[^.]*(?:\..*txt)?$/;

/** Every line of every table in fixtures/, without duplicates and in a fixed order. */
export function realLines(): string[] {
  const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TABLE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return [...new Set(lines)].filter((line) => line !== '');
}
