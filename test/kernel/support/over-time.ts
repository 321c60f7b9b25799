import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Host } from './network.js';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** The result of a run. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A hostflow that runs in a host while the test does something. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  private constructor(host: Host, args: readonly string[]) {
    // `ip netns exec` becomes the command that it runs.
    this.#child = spawn('ip', ['netns', 'exec', host.namespace, process.execPath, MAIN, ...args], {
      stdio: 'pipe',
    });
    this.#ended = once(this.#child, 'close');
    host.atEnd(() => {
      this.kill();
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  /** `measure`, from when everything counts to {@link end}; the listing comes on standard error. */
  static async measure(host: Host, flags: readonly string[] = []): Promise<Running> {
    const command = ['sh', '-c', 'echo started; read line || true'];
    const running = new Running(host, ['measure', '-n', '--json', ...flags, '--', ...command]);
    await running.#says();
    return running;
  }

  /** `watch`, once it has recorded something: there must be a host flow. */
  static async watch(host: Host, flags: readonly string[]): Promise<Running> {
    const running = new Running(host, ['watch', '-n', '--format', 'ndjson', ...flags]);
    await running.#says();
    return running;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it as its user would, by the end of the command that is measured, or with a signal. */
  async end(): Promise<Ended> {
    if (this.#child.spawnargs.includes('measure')) this.#child.stdin?.end();
    else this.signal('SIGINT');
    await this.#ended;
    return { status: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** For the end of a test that has failed. */
  kill(): void {
    this.signal('SIGKILL');
  }

  async #says(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('it has no output');
    await Promise.race([once(stdout, 'data'), this.#ended]);
    if (this.#stdout === '') throw new Error(`it did not start: ${this.#stderr}`);
  }
}
