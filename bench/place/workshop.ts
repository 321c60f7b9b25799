import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { writeConntrackText } from './conntrack-text.js';
import type { Extent } from './entries.js';
import { loadEntries } from './live-entries.js';
import { holdSockets } from './live-sockets.js';
import { BenchNamespace } from './namespace.js';
import { compile } from './native.js';
import { OverTimePlace } from './over-time-place.js';
import type { Scale } from './scale.js';

/** The kinds of network namespaces, by their content. */
export type Place = 'empty' | 'entries' | 'entries-and-sockets' | 'sockets';

/** The kernel empties a namespace only after it is removed. */
const SETTLE_MILLISECONDS = 3000;

/** Makes the inputs of the benchmarks, each once and on first use. All are removed at the end. */
export class Workshop {
  /** A temporary directory. */
  readonly directory: string;
  /** Sentences about imperfect inputs. */
  readonly remarks: Set<string> = new Set();
  readonly #scale: Scale;
  readonly #cleanup: Cleanup;
  /** Number of cleanup steps that do not belong to namespaces. */
  readonly #ownDepth: number;
  readonly #namespaces = new Map<Place, Promise<BenchNamespace>>();
  readonly #texts = new Map<string, string>();
  readonly #programs = new Map<string, string>();

  constructor(scale: Scale, cleanup: Cleanup) {
    this.#scale = scale;
    this.#cleanup = cleanup;
    this.directory = mkdtempSync(join(tmpdir(), 'hostflow-bench-'));
    cleanup.add(() => {
      rmSync(this.directory, { recursive: true, force: true });
    });
    this.#ownDepth = cleanup.depth;
  }

  /** Removes the namespaces. All share the kernel's hash tables, so entries in one lengthen the walks in the others. */
  async clear(): Promise<void> {
    if (this.#namespaces.size === 0) return;
    this.#namespaces.clear();
    this.#cleanup.run(this.#ownDepth);
    await setTimeout(SETTLE_MILLISECONDS);
  }

  /** A file of conntrack text. */
  text(extent: Extent): string {
    const name = `${extent.entries}-entries-${extent.flows}-flows.txt`;
    const path = this.#texts.get(name) ?? join(this.directory, name);
    if (!this.#texts.has(name)) writeConntrackText(path, extent);
    this.#texts.set(name, path);
    return path;
  }

  /** The text that most cases are measured on. */
  usualText(): string {
    return this.text(this.#scale.usual);
  }

  /** A C program that reads a file. */
  readLoop(): string {
    const path = this.#programs.get('read-loop') ?? compile('read-loop', this.directory);
    this.#programs.set('read-loop', path);
    return path;
  }

  /** A network namespace. After a failure it is not tried again. */
  namespace(place: Place): Promise<BenchNamespace> {
    const namespace = this.#namespaces.get(place) ?? this.#make(place);
    this.#namespaces.set(place, namespace);
    return namespace;
  }

  /** Two namespaces for measuring over time. @throws Unavailable if this machine cannot make them */
  overTimePlace(): OverTimePlace {
    return new OverTimePlace(this.directory, this.#cleanup);
  }

  async #make(place: Place): Promise<BenchNamespace> {
    const namespace = new BenchNamespace(place);
    this.#cleanup.add(() => {
      namespace.remove();
    });
    const { live, sockets } = this.#scale;
    namespace.bringUp();
    // Without rules nothing is tracked, so the namespace with only sockets has an empty table.
    if (place !== 'sockets') namespace.track();
    if (place === 'sockets' || place === 'entries-and-sockets') {
      await holdSockets(namespace, sockets, this.#cleanup);
    }
    if (place === 'entries' || place === 'entries-and-sockets') {
      // The sockets' own entries count, so that both tables have the same number.
      const entries = live.entries - namespace.entries();
      const remark = loadEntries(namespace, { ...live, entries }, this.directory);
      if (remark !== undefined) this.remarks.add(remark);
    }
    return namespace;
  }
}
