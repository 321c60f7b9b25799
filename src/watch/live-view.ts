import { pressKey } from './keys.js';
import { screenLines } from './screen.js';
import { Terminal, type TerminalInput, type TerminalOutput } from './terminal.js';
import { withInterval, type ViewedInterval, type ViewState } from './view-state.js';

/** The live view on a terminal, from its construction until the user quits, the terminal goes or {@link stop}. */
export class LiveView {
  /** Fulfilled when the view has ended, the terminal restored. */
  readonly ended: Promise<void>;
  private readonly terminal: Terminal;
  private state: ViewState;
  private end: () => void = () => undefined;

  constructor(input: TerminalInput, output: TerminalOutput, state: ViewState) {
    this.state = state;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    const redraw = (): void => {
      this.redraw();
    };
    this.terminal = new Terminal({
      input,
      output,
      onKey: (key) => {
        this.state = pressKey(this.state, key, this.terminal.size);
        this.redraw();
        if (this.state.isDone) this.stop();
      },
      onResize: redraw,
      onGone: () => {
        this.stop();
      },
    });
    this.redraw();
  }

  /** Shows an interval that has ended. */
  update(interval: ViewedInterval): void {
    this.state = withInterval(this.state, interval);
    this.redraw();
  }

  /** Restores the terminal. For signals and crashes too: it can be called at any time, any number of times. */
  stop(): void {
    this.terminal.stop();
    this.end();
  }

  private redraw(): void {
    this.terminal.draw(screenLines(this.state, this.terminal.size));
  }
}
