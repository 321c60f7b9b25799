import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { option } from '../../model/errors.js';

/** The paths of one network namespace in a procfs: `/proc`, a procfs mounted elsewhere, or a saved copy. */
export class ProcFs {
  /** The procfs itself. */
  readonly root: string;
  /** A process in the network namespace that is meant; undefined for the reader's own namespace. */
  readonly pid: number | undefined;
  /** The directory of the network namespace. */
  private readonly netDirectory: string;

  constructor(root = '/proc', pid?: number) {
    this.root = root;
    this.pid = pid;
    const process = this.processDirectory ?? root;
    // `subset=pid`, an option of mount, hides all but the processes.
    const isHidden = this.isOwn && !existsSync('/proc/net');
    this.netDirectory = join(process, isHidden ? 'self/net' : 'net');
  }

  /** True for the running machine's own `/proc`, in the namespace of this process. */
  get isOwn(): boolean {
    return this.root === '/proc' && this.pid === undefined;
  }

  /** The directory of {@link pid}; undefined for the reader's own namespace. */
  get processDirectory(): string | undefined {
    return this.pid === undefined ? undefined : join(this.root, String(this.pid));
  }

  /** The reason why there is nothing to read here, with the flag that led here; undefined if there is something. */
  absence(): string | undefined {
    // Netlink works without a procfs.
    if (this.isOwn && platform() === 'linux') return undefined;
    if (!existsSync(this.root)) return `${option('proc')}: no such directory: ${this.root}`;
    const process = this.processDirectory;
    if (process !== undefined && !existsSync(process))
      return `${option('pid')}: no such process: ${process} does not exist`;
    // The usual table comes first, as the kernel takes milliseconds to list the whole directory.
    if (existsSync(this.net('tcp'))) return undefined;
    try {
      if (readdirSync(this.net('')).length > 0) return undefined;
    } catch {
      // The message below names the flag that led here.
    }
    return process === undefined
      ? `${option('proc')}: not a procfs: nothing in ${this.net('')}`
      : `${option('pid')}: nothing in ${this.net('')}: has the process ended?`;
  }

  /** The path of a file in `net/`, which each namespace has for itself. */
  net(name: string): string {
    return join(this.netDirectory, name);
  }

  /** A sysctl by its path under `sys/`. The kernel shows those of the reader's namespace, so there are none for a process. */
  sysctl(path: string): string | undefined {
    if (this.pid !== undefined) return undefined;
    try {
      return readFileSync(join(this.root, 'sys', path), 'utf8').trim();
    } catch {
      // A saved copy may lack it, and a container may hide it. Then the setting is unknown.
      return undefined;
    }
  }
}
