import type { Interval } from '../model/interval.js';
import { pressKey } from './keys.js';
import type { PeerNames } from './peer-names.js';
import { peersOnScreen, screenLines } from './screen.js';
import { ShownFlows } from './shown-flows.js';
import { Terminal, type TerminalInput, type TerminalOutput } from './terminal.js';
import { withInterval, withRows, type ViewedBasis, type ViewState } from './view-state.js';

/** The services that the live view uses. */
export interface LiveViewHelpers {
  /** Makes the look-up of peers' names. Without it no names are shown. */
  names?: (onFound: () => void) => PeerNames;
  /** Stops the process until the user resumes it. Ctrl-Z calls it, as it is an ordinary key while the view runs. */
  stopProcess?: (() => void) | undefined;
}

/** The live view on a terminal. It runs from its construction until the user quits, the terminal closes, or {@link stop}. */
export class LiveView {
  /** Fulfilled when the view has ended and the terminal is restored. */
  readonly ended: Promise<void>;
  private readonly terminal: Terminal;
  private readonly names: PeerNames | undefined;
  private readonly flows = new ShownFlows();
  private elapsedSeconds = 0;
  private state: ViewState;
  private end: () => void = () => undefined;

  constructor(
    input: TerminalInput,
    output: TerminalOutput,
    state: ViewState,
    { names, stopProcess }: LiveViewHelpers = {},
  ) {
    this.names = names?.(() => {
      this.state = withRows(this.state);
      this.redraw();
    });
    this.state = { ...state, names: this.names?.known ?? state.names };
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
        if (key === 'ctrl-z') {
          stopProcess?.();
          return;
        }
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
  update({ rows, seconds, losses }: Interval, basis?: ViewedBasis): void {
    this.elapsedSeconds += seconds;
    const interval = {
      ...this.flows.update({ rows, seconds }),
      seconds,
      elapsedSeconds: this.elapsedSeconds,
      losses,
    };
    this.state = withInterval(this.state, interval, basis);
    this.redraw();
  }

  /** Restores the terminal while the process is stopped. */
  suspend(): void {
    this.terminal.suspend();
  }

  /** Takes the terminal back. */
  resume(): void {
    this.terminal.resume();
    this.redraw();
  }

  /** Restores the terminal. It can be called at any time, any number of times, and so on signals and crashes too. */
  stop(): void {
    this.terminal.stop();
    this.end();
  }

  private redraw(): void {
    const { size } = this.terminal;
    this.terminal.draw(screenLines(this.state, size));
    if (!this.state.isNumeric) this.names?.want(peersOnScreen(this.state, size));
  }
}
