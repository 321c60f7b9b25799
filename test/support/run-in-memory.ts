import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/program.js';
import type { OutputStream } from '../../src/cli/io.js';

/** The outcome of a run. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The surroundings of the command besides its arguments. */
export interface Surroundings {
  stdin?: string | Uint8Array | Iterable<Uint8Array>;
  /** The width of the terminal that standard output is; a pipe without it. */
  columns?: number;
  /** True if the first argument is the name of a command. Flags may then stand only behind it. */
  isCommand?: boolean;
}

function collecting(columns: number | undefined): { stream: OutputStream; text: () => string } {
  const chunks: Buffer[] = [];
  const stream: OutputStream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Runs the command in this process; names are never looked up. */
export async function hostflow(argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { stdin = '', columns, isCommand = false } = surroundings;
  const chunks = typeof stdin === 'string' || stdin instanceof Uint8Array ? [Buffer.from(stdin)] : stdin;
  const stdout = collecting(columns);
  const stderr = collecting(undefined);
  const io = { stdin: Readable.from(chunks), stdout: stdout.stream, stderr: stderr.stream };
  const code = await run(isCommand ? argv : ['--numeric', ...argv], io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The cells of a printed table without its heading, split at blanks. */
export function rows(stdout: string): string[][] {
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ +/));
}

/** Local, arrow and peer of each row of a printed table. */
export function ends(stdout: string): string[] {
  return rows(stdout).map((cells) => cells.slice(0, 3).join(' '));
}
