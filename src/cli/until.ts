import { EXIT, HostflowError } from '../model/errors.js';
import type { Io } from './io.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TICK_MILLISECONDS = 1000;
/** Goes to the start of the line and clears it. */
const CLEAR_LINE = '\r\u001b[K';
/** The longest time that a timer of Node.js takes. */
const MOST_MILLISECONDS = 2 ** 31 - 1;

/**
 * Reads a duration such as `60s`, `5m`, `500ms`, or seconds without a unit.
 * @returns milliseconds
 * @throws HostflowError (`exitCode` 2) if the text is no duration, or less than `atLeast` milliseconds
 */
export function parseDuration(flag: string, text: string, atLeast = 1): number {
  const match = /^([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d)?$/.exec(text);
  const milliseconds = Number(match?.[1] ?? NaN) * (UNITS[match?.[2] ?? 's'] ?? NaN);
  if (milliseconds >= atLeast && milliseconds <= MOST_MILLISECONDS) return milliseconds;
  throw new HostflowError(
    'usage',
    `${flag}: expected a duration such as 60s, 5m or 500ms (${atLeast}ms to 24d), found "${text}"`,
  );
}

/** The end of a measurement without a command: after a given time, or when the user ends it. */
export class Until {
  private readonly milliseconds: number | undefined;

  constructor(milliseconds: number | undefined) {
    this.milliseconds = milliseconds;
  }

  /** @throws HostflowError (`exitCode` 2) if the text is no duration, or there is a command too */
  static parse(duration: string | undefined, command: readonly string[]): Until {
    if (duration === undefined) return new Until(undefined);
    if (command.length > 0) {
      throw new HostflowError(
        'usage',
        '--for and a command contradict each other, as the command sets the time; leave out --for',
      );
    }
    return new Until(parseDuration('--for', duration));
  }

  /** Waits, and shows the progress on a terminal. `ended` ends it as well. @returns the exit code; Ctrl-C is a normal end */
  async wait(io: Io, ended?: Promise<void>): Promise<number> {
    const started = performance.now();
    const { promise, resolve } = deferred();
    const end = this.milliseconds === undefined ? undefined : setTimeout(resolve, this.milliseconds);
    const progress = setInterval(() => {
      this.show(io, performance.now() - started);
    }, TICK_MILLISECONDS);
    const stopListening = io.onInterrupt?.(resolve);
    await Promise.race(ended === undefined ? [promise] : [promise, ended]);
    clearTimeout(end);
    clearInterval(progress);
    stopListening?.();
    if (io.stderr.isTTY === true) io.stderr.write(CLEAR_LINE);
    return EXIT.done;
  }

  private show({ stderr }: Io, elapsed: number): void {
    if (stderr.isTTY !== true) return;
    const whole = this.milliseconds === undefined ? '' : ` of ${Math.round(this.milliseconds / 1000)} s`;
    stderr.write(
      `${CLEAR_LINE}measuring: ${Math.round(elapsed / 1000)} s${whole} (Ctrl-C ends it and prints the listing)`,
    );
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
