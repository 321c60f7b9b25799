/**
 * Measures the time that `import 'hostflow/parsers'` adds to the start of a Node.js program: the medians of whole
 * processes with and without it. They run in turn, so that other load affects both alike.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUNS = 15;
const TARGET_MS = 15;

// Inside the package, `hostflow` resolves to the package itself.
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Milliseconds from start to exit of Node.js. */
function measure(args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  const end = process.hrtime.bigint();
  if (status !== 0) throw new Error(stderr);
  return Number(end - start) / 1e6;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const bare: number[] = [];
const importing: number[] = [];
// The first round fills the file cache and is not counted.
for (let run = 0; run <= RUNS; run++) {
  const without = measure(['-e', '0']);
  const withImport = measure(['--input-type=module', '-e', "import 'hostflow/parsers'"]);
  if (run === 0) continue;
  bare.push(without);
  importing.push(withImport);
}

const difference = median(importing) - median(bare);
process.stdout.write(
  `node ${process.version}: ${median(bare).toFixed(1)} ms; with hostflow/parsers: ${median(importing).toFixed(1)} ms\n` +
    `difference: ${difference.toFixed(1)} ms (medians of ${RUNS}; the target is under ${TARGET_MS} ms)\n`,
);
