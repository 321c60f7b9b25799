const EXIT_CODE_OF_INTERRUPT = 130;

/** What has to be undone, also on Ctrl-C: newest first. Every step is synchronous, since it may run while we exit. */
export class Cleanup {
  readonly #steps: (() => void)[] = [];

  constructor() {
    process.once('exit', () => {
      this.run();
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => process.exit(EXIT_CODE_OF_INTERRUPT));
    }
  }

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** How many steps there are. */
  get depth(): number {
    return this.#steps.length;
  }

  /** Undoes all, or what was added when there were `depth` steps already. */
  run(depth = 0): void {
    while (this.#steps.length > depth) {
      try {
        this.#steps.pop()?.();
      } catch (error) {
        process.stderr.write(`bench: cleaning up: ${String(error)}\n`);
      }
    }
  }
}
