import { emitKeypressEvents } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { NAMED_KEYS, type Key } from './keys.js';
import type { LineStyle, ScreenLine } from './screen.js';
import type { TerminalSize } from './view-state.js';

/** The source of keys. A terminal can be put into raw mode. */
export type TerminalInput = Readable & {
  isTTY?: boolean;
  isRaw?: boolean;
  setRawMode?: (isRaw: boolean) => unknown;
};

/** The stream on which the screen is drawn. It emits `resize`. */
export type TerminalOutput = Writable & { isTTY?: boolean; columns?: number; rows?: number };

export interface TerminalOptions {
  input: TerminalInput;
  output: TerminalOutput;
  onKey: (key: Key) => void;
  /** Called when the size has changed. The screen is empty then. */
  onResize: () => void;
  /** Called when the terminal has closed. Nothing can be drawn or typed any more. */
  onGone: () => void;
}

// Private modes of xterm that every current terminal supports. Line wrapping is off: a character that is wider than expected then
// cuts off the end of its line, and leaves the other lines in place.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const CLEAR = '\x1b[2J';

const styles: Record<LineStyle, (text: string) => string> = {
  plain: (text) => text,
  bold: (text) => `\x1b[1m${text}\x1b[0m`,
  inverse: (text) => `\x1b[7m${text}\x1b[0m`,
};

/** The terminal as a screen. It is taken from construction until {@link stop}. */
export class Terminal {
  private readonly input: TerminalInput;
  private readonly output: TerminalOutput;
  private readonly options: TerminalOptions;
  private readonly wasRaw: boolean;
  /** The lines on the screen. */
  private drawn: string[] = [];
  /** The frame that is drawn once the terminal takes more output. */
  private waiting: readonly ScreenLine[] | undefined;
  private isBusy = false;
  private isStopped = false;
  private isSuspended = false;

  constructor(options: TerminalOptions) {
    this.options = options;
    this.input = options.input;
    this.output = options.output;
    this.wasRaw = options.input.isRaw ?? false;
    this.input.setRawMode?.(true);
    emitKeypressEvents(this.input);
    this.input.on('keypress', this.keypress).on('end', this.gone).on('close', this.gone);
    this.input.on('error', this.gone);
    this.input.resume();
    this.output.on('resize', this.resize).on('drain', this.drain);
    this.output.on('error', this.gone).on('close', this.gone);
    this.write(ENTER);
  }

  get size(): TerminalSize {
    const { columns, rows } = this.output;
    // A terminal that does not know its size reports 0.
    return {
      columns: columns === undefined || columns === 0 ? 80 : columns,
      rows: rows === undefined || rows === 0 ? 24 : rows,
    };
  }

  /** Shows these lines. While the terminal takes no output, only the last frame is kept. */
  draw(lines: readonly ScreenLine[]): void {
    if (this.isStopped || this.isSuspended) return;
    if (this.isBusy) {
      this.waiting = lines;
      return;
    }
    const next = lines.map(({ text, style }) => styles[style](text));
    let changes = '';
    for (let row = 0; row < Math.max(next.length, this.drawn.length); row++) {
      const text = next[row] ?? '';
      // The line is cleared before it is written. Clearing to its end afterwards would erase the last column.
      if (text !== (this.drawn[row] ?? '')) changes += `\x1b[${row + 1};1H\x1b[2K${text}`;
    }
    this.drawn = next;
    if (changes !== '') this.write(changes);
  }

  /** Restores the terminal until {@link resume}, as the process is about to stop. */
  suspend(): void {
    if (this.isStopped || this.isSuspended) return;
    this.isSuspended = true;
    this.write(LEAVE);
    this.setRawMode(this.wasRaw);
  }

  /** Takes the terminal back, after {@link suspend} or after others may have used it. The screen is empty then. */
  resume(): void {
    if (this.isStopped) return;
    this.isSuspended = false;
    this.setRawMode(true);
    this.drawn = [];
    this.waiting = undefined;
    this.write(ENTER);
  }

  /** Restores the terminal. It can be called at any time, any number of times, and does not throw. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.input.off('keypress', this.keypress).off('end', this.gone).off('close', this.gone);
    this.output.off('resize', this.resize).off('drain', this.drain).off('close', this.gone);
    // The error listeners stay, as a late error without a listener would end the process.
    try {
      if (!this.isSuspended) this.write(LEAVE);
    } finally {
      this.setRawMode(this.wasRaw);
      this.input.pause();
    }
  }

  private setRawMode(isRaw: boolean): void {
    try {
      this.input.setRawMode?.(isRaw);
    } catch {
      // The terminal has closed, so there is no mode to set.
    }
  }

  private write(text: string): void {
    if (this.output.destroyed || this.output.writableEnded) return;
    this.isBusy = !this.output.write(text);
  }

  private readonly drain = (): void => {
    this.isBusy = false;
    const lines = this.waiting;
    this.waiting = undefined;
    if (lines !== undefined) this.draw(lines);
  };

  private readonly resize = (): void => {
    if (this.isSuspended) return;
    // Terminals differ in what they keep of the old screen.
    this.drawn = [];
    this.waiting = undefined;
    this.write(CLEAR);
    this.options.onResize();
  };

  private readonly gone = (): void => {
    if (!this.isStopped) this.options.onGone();
  };

  private readonly keypress = (text: string | undefined, press: Keypress): void => {
    const key = keyOf(text, press);
    if (key !== undefined) this.options.onKey(key);
  };
}

/** A key as `node:readline` reports it. */
interface Keypress {
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
}

function keyOf(text: string | undefined, { name, ctrl, meta }: Keypress): Key | undefined {
  if (ctrl === true) return name === 'c' || name === 'z' ? `ctrl-${name}` : undefined;
  if (name === 'return') return 'enter';
  const named = NAMED_KEYS.find((key) => key === name);
  if (named !== undefined) return named;
  return meta === true || text === undefined || text === '' ? undefined : text;
}
