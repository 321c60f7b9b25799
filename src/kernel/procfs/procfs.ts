import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { option } from '../../model/errors.js';

/** The paths of one procfs: `/proc`, one mounted elsewhere, or a saved copy; of one network namespace in it. */
export class ProcFs {
  /** The procfs itself. */
  readonly root: string;
  /** The process whose network namespace is meant, where one was named. */
  readonly pid: number | undefined;

  constructor(root = '/proc', pid?: number) {
    this.root = root;
    this.pid = pid;
  }

  /** Whether this is the running machine's own `/proc`, in the namespace of this process. */
  get isOwn(): boolean {
    return this.root === '/proc' && this.pid === undefined;
  }

  /** The directory of the process whose namespace is meant; undefined where that is the reader's own. */
  get processDirectory(): string | undefined {
    return this.pid === undefined ? undefined : join(this.root, String(this.pid));
  }

  /** The reason why nothing can be read here at all, naming the option; undefined if something can. */
  absence(): string | undefined {
    if (!existsSync(this.root)) return `${option('proc')}: no such directory: ${this.root}`;
    const process = this.processDirectory;
    if (process !== undefined && !existsSync(process))
      return `${option('pid')}: no such process: ${process} does not exist`;
    // The usual table first: to list the whole directory takes the kernel milliseconds.
    if (existsSync(this.net('tcp'))) return undefined;
    try {
      if (readdirSync(this.net('')).length > 0) return undefined;
    } catch {
      // Told below, with the flag that led here.
    }
    return process === undefined
      ? `${option('proc')}: not a procfs: nothing in ${this.net('')}`
      : `${option('pid')}: nothing in ${this.net('')}: has the process ended?`;
  }

  /** A file of `net/`, which is a namespace's own. */
  net(name: string): string {
    return join(this.processDirectory ?? this.root, 'net', name);
  }

  /** A sysctl by its path under `sys/`; the kernel shows the reader's namespace there, so there is none for `--pid`. */
  sysctl(path: string): string | undefined {
    if (this.pid !== undefined) return undefined;
    try {
      return readFileSync(join(this.root, 'sys', path), 'utf8').trim();
    } catch {
      // A saved copy need not have it, a container may hide it: the caller then knows no setting.
      return undefined;
    }
  }
}
