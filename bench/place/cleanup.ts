const EXIT_CODE_OF_INTERRUPT = 130;

/** Steps to undo at the end or on Ctrl-C, newest first. Every step is synchronous, because it may run during exit. */
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

  /** Number of steps. */
  get depth(): number {
    return this.#steps.length;
  }

  /** Undoes all steps, or those added after there were `depth`. */
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
