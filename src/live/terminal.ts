import { emitKeypressEvents } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { NAMED_KEYS, type Key } from './keys.js';
import type { LineStyle, ScreenLine } from './screen.js';
import type { TerminalSize } from './view-state.js';

/** What keys come from; a terminal can be put into raw mode. */
export type TerminalInput = Readable & {
  isTTY?: boolean;
  isRaw?: boolean;
  setRawMode?: (isRaw: boolean) => unknown;
};

/** What the screen is drawn on; it emits `resize`. */
export type TerminalOutput = Writable & { isTTY?: boolean; columns?: number; rows?: number };

export interface TerminalOptions {
  input: TerminalInput;
  output: TerminalOutput;
  onKey: (key: Key) => void;
  /** The size has changed, and the screen is empty. */
  onResize: () => void;
  /** The terminal has gone: nothing can be drawn or typed any more. */
  onGone: () => void;
}

// Private modes of xterm that every terminal of today knows. Without line wrapping a character that turns out
// wider than expected costs its line the end, and not the screen its shape.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const CLEAR = '\x1b[2J';

const styles: Record<LineStyle, (text: string) => string> = {
  plain: (text) => text,
  bold: (text) => `\x1b[1m${text}\x1b[0m`,
  inverse: (text) => `\x1b[7m${text}\x1b[0m`,
};

/** The terminal as a screen, from its construction until {@link stop}. */
export class Terminal {
  private readonly input: TerminalInput;
  private readonly output: TerminalOutput;
  private readonly options: TerminalOptions;
  private readonly wasRaw: boolean;
  /** What the screen shows. */
  private drawn: string[] = [];
  /** What it is to show once it takes more. */
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
    // A terminal that does not know its size says 0.
    return {
      columns: columns === undefined || columns === 0 ? 80 : columns,
      rows: rows === undefined || rows === 0 ? 24 : rows,
    };
  }

  /** Shows these lines. While the terminal takes nothing, frames are left out: the last one counts. */
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
      // Cleared first: behind a line as wide as the screen, "clear to the end" would take its last character.
      if (text !== (this.drawn[row] ?? '')) changes += `\x1b[${row + 1};1H\x1b[2K${text}`;
    }
    this.drawn = next;
    if (changes !== '') this.write(changes);
  }

  /** Gives the terminal back as it was, until {@link resume}: the process is about to stop. */
  suspend(): void {
    if (this.isStopped || this.isSuspended) return;
    this.isSuspended = true;
    this.write(LEAVE);
    this.setRawMode(this.wasRaw);
  }

  /** Takes the terminal again, whose screen is empty then: after {@link suspend}, or where others may have used it. */
  resume(): void {
    if (this.isStopped) return;
    this.isSuspended = false;
    this.setRawMode(true);
    this.drawn = [];
    this.waiting = undefined;
    this.write(ENTER);
  }

  /** Gives the terminal back as it was. Can be called at any time, any number of times, and does not throw. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.input.off('keypress', this.keypress).off('end', this.gone).off('close', this.gone);
    this.output.off('resize', this.resize).off('drain', this.drain).off('close', this.gone);
    // The error listeners stay: an error that comes late has nowhere else to go, and nothing to change.
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
      // The terminal has gone, and its modes with it.
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
    // What a terminal keeps of the old picture differs from one to the other.
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

/** What `node:readline` makes of the bytes of a key. */
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
