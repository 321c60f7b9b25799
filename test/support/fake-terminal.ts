import { PassThrough, Writable } from 'node:stream';

/** A terminal's input, which records the modes it is put into and whether it is to be read. */
export class FakeInput extends PassThrough {
  readonly modes: boolean[] = [];
  /** A destroyed stream does not record this itself: since Node.js 26, pause() leaves it as it is. */
  isToBeRead = false;
  isRaw = false;
  isTTY = true;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    this.modes.push(isRaw);
    return this;
  }

  override pause(): this {
    this.isToBeRead = false;
    return super.pause();
  }

  override resume(): this {
    this.isToBeRead = true;
    return super.resume();
  }
}

/** A terminal's output, which keeps what is written; while it is `stuck` it takes nothing more. */
export class FakeOutput extends Writable {
  readonly writes: string[] = [];
  isTTY = true;
  columns = 80;
  rows = 24;
  isStuck = false;
  private release: (() => void) | undefined;

  constructor() {
    super({ decodeStrings: false, highWaterMark: 1 });
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk);
    if (this.isStuck) this.release = done;
    else done();
  }

  resume(): void {
    this.isStuck = false;
    this.release?.();
  }

  get text(): string {
    return this.writes.join('');
  }
}

/** The lines of a terminal of this size after it got `text`. It knows the few sequences that the driver uses. */
export function shownBy(text: string, rows: number): string[] {
  let lines = Array<string>(rows).fill('');
  let row = 0;
  for (const [, sequence, plain] of text.matchAll(/(\x1b\[[?0-9;]*[A-Za-z])|([^\x1b]+)/g)) {
    const move = /^\x1b\[(\d+);1H$/.exec(sequence ?? '');
    if (move !== null) row = Number(move[1]) - 1;
    else if (sequence === '\x1b[2J') lines = Array<string>(rows).fill('');
    else if (sequence === '\x1b[2K') lines[row] = '';
    else if (plain !== undefined) lines[row] = (lines[row] ?? '') + plain;
  }
  return lines;
}
