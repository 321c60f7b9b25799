/**
 * Fuzzes the parsers with mutated real lines, then searches for inputs that take more than linear time.
 *
 * `npm run fuzz -- [--lines N] [--first N] [--seed S] [--seconds T]`; the exit code is 1 if anything was found.
 */
import { huntNonLinearInputs, SIZES, type NonLinearInput } from './parsers/linearity.js';
import { fuzzOnEveryProcessor } from './parsers/every-processor.js';
import type { Crash } from './parsers/mutated-lines.js';
import { realLines } from './parsers/real-lines.js';
import { readFuzzOptions } from './support/options.js';

const options = readFuzzOptions(process.argv.slice(2));
const real = realLines();
console.log(`seed ${options.seed}, ${real.length} real lines`);

const { lines, seconds, crashes } = await fuzzOnEveryProcessor(options);
for (const crash of crashes) console.log(describeCrash(crash));
console.log(`lines ${lines}`);
console.log(`lines/s ${Math.round(lines / seconds)}`);
console.log(`crashes ${crashes.length}`);

// The hunt needs no stacks, and recording them would distort its times.
Error.stackTraceLimit = 0;
const nonLinear = huntNonLinearInputs(real);
for (const input of nonLinear) console.log(describeNonLinear(input));
console.log(`non-linear inputs ${nonLinear.length}`);

process.exitCode = crashes.length + nonLinear.length === 0 ? 0 : 1;

function describeCrash({ target, index, bytes: plain, reason }: Crash): string {
  // A buffer from another thread arrives as a plain array of bytes.
  const bytes = Buffer.from(plain);
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  return [
    `${target}: ${reason}`,
    isText
      ? `  line: ${JSON.stringify(text)}`
      : `  line, not UTF-8, in base64: ${JSON.stringify(bytes.toString('base64'))}`,
    `  again: npm run fuzz -- --seed ${options.seed} --first ${index} --lines 1`,
  ].join('\n');
}

function describeNonLinear({ target, head, fragment, times }: NonLinearInput): string {
  const shown = times.map((time, index) => `${(SIZES[index] ?? 0) / 1024} KiB ${time.toFixed(2)} ms`);
  return `${target}: ${JSON.stringify(head)}, then ${JSON.stringify(fragment)} repeatedly: ${shown.join(', ')}`;
}
