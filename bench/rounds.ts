import type { Case, Invocation } from './cases.js';
import { findCommand, runBeside } from './place/commands.js';
import { mediansOf, type Medians } from './report/figure.js';
import type { Measurement, Meter } from './meter.js';
import { Unavailable } from './place/unavailable.js';
import type { Workshop } from './place/workshop.js';

/** The result of measuring. */
export interface Measured {
  /** The medians by case, in the order of the cases. */
  medians: Map<Case, Medians>;
  /** The reason why the other cases have no medians. */
  missing: Map<Case, string>;
}

/** A case whose input is ready. */
interface Ready {
  of: Case;
  invocation: Invocation;
  measurements: Measurement[];
}

/**
 * Runs every case once, unmeasured, to check that it works and to warm the caches. Then runs all of them in turn, round
 * after round, so that a temporary disturbance of the machine affects all alike.
 */
export async function measure(
  cases: readonly Case[],
  workshop: Workshop,
  meter: Meter,
  rounds: number,
  progress: (text: string) => void,
): Promise<Measured> {
  const missing = new Map<Case, string>();
  const ready: Ready[] = [];
  for (const of of cases) {
    progress(`preparing: ${of.label}`);
    try {
      const invocation = await of.prepare(workshop);
      await checkOnce(of, invocation);
      ready.push({ of, invocation, measurements: [] });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      missing.set(of, error.message);
    }
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { of, invocation, measurements } of ready) {
      progress(`round ${round} of ${rounds}: ${of.label}`);
      await run(invocation, meter.prefix, 'drop');
      measurements.push(meter.take());
    }
  }
  return { medians: new Map(ready.map(({ of, measurements }) => [of, mediansOf(measurements)])), missing };
}

/**
 * Runs a case once.
 * @throws Unavailable if the command is missing or fails, or if hostflow does not list the expected host flows
 */
async function checkOnce({ hostFlows }: Case, invocation: Invocation): Promise<void> {
  const [command = ''] = invocation.command;
  if (!command.startsWith('/') && findCommand(command) === undefined) {
    throw new Unavailable(`${command} is not installed`);
  }
  if (invocation.onTerminal && findCommand('script') === undefined) {
    throw new Unavailable('script, which makes a terminal, is not installed');
  }
  const stdout = await run(invocation, [], hostFlows === undefined ? 'drop' : 'keep');
  const listed = stdout.match(/"direction":/g)?.length ?? 0;
  if (hostFlows !== undefined && listed !== hostFlows) {
    throw new Unavailable(`hostflow listed ${listed} host flows instead of ${hostFlows}`);
  }
}

async function run(
  invocation: Invocation,
  meter: readonly string[],
  output: 'drop' | 'keep',
): Promise<string> {
  const [command = '', ...args] = commandLine(invocation, meter);
  const { status, stdout, stderr } = await runBeside(command, args, output);
  if (status === 0) return stdout;
  throw new Unavailable(`exit ${status ?? 'by a signal'}: ${stderr.trim().slice(0, 300)}`);
}

/** The whole command line. The meter stands right before the measured command. */
export function commandLine(invocation: Invocation, meter: readonly string[]): readonly string[] {
  const { prefix = [], command, pipedFrom, onTerminal } = invocation;
  const measured = [...meter, ...command];
  if (pipedFrom !== undefined) return [...prefix, 'sh', '-c', 'cat "$0" | "$@"', pipedFrom, ...measured];
  if (onTerminal) {
    return [
      ...prefix,
      'script',
      '--quiet',
      '--return',
      '--command',
      measured.map(quote).join(' '),
      '/dev/null',
    ];
  }
  return [...prefix, ...measured];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
