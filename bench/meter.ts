import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from './place/commands.js';
import { compile } from './place/native.js';
import { Unavailable } from './place/unavailable.js';

const BYTES_PER_KIB = 1024;

/** One run of a whole process. */
export interface Measurement {
  /** Elapsed time from its start to its end. */
  seconds: number;
  /** Processor time of all its threads, in user and kernel mode. */
  cpuSeconds: number;
  /** Peak resident memory; undefined if no tool here can measure it. */
  peakBytes: number | undefined;
}

/** Puts a command before another one that measures it. */
export interface Meter {
  /** A description of the meter for the report. */
  description: string;
  /** The command and arguments that go before the measured ones. */
  prefix: readonly string[];
  /** Takes the figures of the run that has just ended. */
  take(): Measurement;
}

/**
 * The best meter on this machine.
 *
 * The meter stands right before the measured process, not before `ip netns exec` or a shell, and starts the process
 * itself. A child inherits its parent's peak memory until it executes, and Node's is large.
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
    return { description: 'GNU time (cc is not installed), which rounds to 0.01 s', prefix, take };
  }
  const bash = findCommand('bash');
  if (bash === undefined) throw new Error('no command here can time a process: install cc, GNU time or bash');
  const script = 'TIMEFORMAT="%3R %3U %3S"; out=$0; exec 3>&2; { time "$@" 2>&3; } 2>"$out"';
  return {
    description: 'time of bash (neither cc nor GNU time is installed); peak memory is unknown',
    prefix: [bash, '-c', script, out],
    take,
  };
}

/** Reads the output of a meter: `seconds user system [KiB]` on the last line. */
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
