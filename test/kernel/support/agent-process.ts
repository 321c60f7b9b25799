import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AgentAnswer, AgentCommand } from './agent.js';

const AGENT = fileURLToPath(new URL('agent.js', import.meta.url));

/** A running traffic generator (`agent.ts`) in a network namespace. */
export class AgentProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: AgentAnswer) => void>();
  #lastId = 0;

  constructor(namespace: string) {
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, AGENT], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as AgentAnswer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** `ip netns exec` becomes the command that it runs, so this is the generator's own process id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Has the generator do one thing; gives the local port that came of it. */
  async call(command: AgentCommand): Promise<number> {
    const id = ++this.#lastId;
    const answered = new Promise<AgentAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    const { port, error } = await answered;
    if (error !== undefined) throw new Error(`${command.op}: ${error}`);
    return port;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
