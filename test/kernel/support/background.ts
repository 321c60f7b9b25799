import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Finished } from './commands.js';

const WAIT_MILLISECONDS = 20_000;

/** A command that runs beside the test. */
export class Running {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #said: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  #changed: () => void = () => undefined;

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#collect('stdout', child.stdout);
    this.#collect('stderr', child.stderr);
    this.#closed = once(child, 'close').finally(() => {
      this.#changed();
    });
  }

  /** Waits until its standard output or standard error matches. */
  async says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    const deadline = Date.now() + WAIT_MILLISECONDS;
    while (!pattern.test(this.#said[stream])) {
      if (this.#hasEnded() || Date.now() > deadline) {
        throw new Error(`no ${String(pattern)} in ${JSON.stringify(this.#said)}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits for its end, which a signal may bring about. */
  async end(signal?: NodeJS.Signals): Promise<Finished> {
    if (signal !== undefined && !this.#hasEnded()) this.signal(signal);
    await this.#closed;
    return { status: this.#child.exitCode ?? -1, ...this.#said };
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #collect(name: 'stdout' | 'stderr', stream: Readable): void {
    stream.setEncoding('utf8').on('data', (text: string) => {
      this.#said[name] += text;
      this.#changed();
    });
  }
}
