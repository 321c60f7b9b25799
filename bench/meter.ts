import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from './commands.js';
import { compile } from './native.js';
import { Unavailable } from './unavailable.js';

const BYTES_PER_KIB = 1024;

/** One run of a whole process. */
export interface Measurement {
  /** From its start to its end. */
  seconds: number;
  /** Of all its threads, in user and kernel mode. */
  cpuSeconds: number;
  /** The most memory that was resident at once; undefined where nothing here can tell. */
  peakBytes: number | undefined;
}

/** Puts a command before another one that measures it. */
export interface Meter {
  /** What measures, in a sentence for the report. */
  description: string;
  /** The command and arguments that go before the measured ones. */
  prefix: readonly string[];
  /** Takes the figures of the run that has just ended. */
  take(): Measurement;
}

/**
 * The best meter that this machine has. All of them stand right before the measured process, not around `ip netns exec`
 * or a shell, and none starts it from Node: a child inherits its parent's peak memory until it executes, and Node's is large.
 */
export function chooseMeter(directory: string): Meter {
  const out = join(directory, 'measured');
  const take = (): Measurement => {
    const measurement = parseMeasurement(readFileSync(out, 'utf8'));
    rmSync(out);
    return measurement;
  };
  try {
    const meter = compile('meter', directory);
    return { description: 'wait4() in a small C program', prefix: [meter, out], take };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
  const gnuTime = findCommand('time');
  if (gnuTime !== undefined) {
    const prefix = [gnuTime, '-o', out, '-f', '%e %U %S %M'];
    return { description: 'GNU time (there is no cc), which rounds to 0.01 s', prefix, take };
  }
  const bash = findCommand('bash');
  if (bash === undefined) throw new Error('nothing here can time a process: no cc, no GNU time, no bash');
  const script = 'TIMEFORMAT="%3R %3U %3S"; out=$0; exec 3>&2; { time "$@" 2>&3; } 2>"$out"';
  return {
    description: 'the time of bash (there is neither cc nor GNU time); peak memory is not known',
    prefix: [bash, '-c', script, out],
    take,
  };
}

/** What a meter wrote: `seconds user system [KiB]` on the last line. */
export function parseMeasurement(text: string): Measurement {
  const [elapsed, user, system, kib] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (
    elapsed === undefined ||
    user === undefined ||
    system === undefined ||
    !Number.isFinite(elapsed + user + system)
  ) {
    throw new Error(`not a measurement: ${JSON.stringify(text)}`);
  }
  return {
    seconds: elapsed,
    cpuSeconds: user + system,
    peakBytes: kib === undefined ? undefined : kib * BYTES_PER_KIB,
  };
}
