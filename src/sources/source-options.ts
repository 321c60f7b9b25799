import type { AddressSet } from '../model/address-set.js';

/** The choices of `--source`, the default first. */
export const SOURCES = ['auto', 'netlink', 'procfs', 'sockets'] as const;

/** One of {@link SOURCES}. */
export type SourceChoice = (typeof SOURCES)[number];

/** Conntrack text that replaces the live table. */
export interface Input {
  /** The name in messages. */
  name: string;
  /** A path, or the bytes. */
  from: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The options that choose the source, after every value was checked. */
export interface SourceOptions {
  procfsRoot: string;
  /** True if only files are read, because a procfs was given. */
  filesOnly: boolean;
  pid: number | undefined;
  /** The name of a network namespace (`ip netns`). */
  netns: string | undefined;
  input: Input | undefined;
  /** The local addresses; undefined means the host's own. */
  local: AddressSet | undefined;
  source: SourceChoice;
  /** True if connections in different states are different flows. */
  byState: boolean;
  strict: boolean;
}

/** The prefix that makes a command run in the namespace that is read; empty for this process's own. */
export function commandPrefix({ netns, pid }: Pick<SourceOptions, 'netns' | 'pid'>): string {
  if (netns !== undefined) return `ip netns exec ${netns} `;
  return pid === undefined ? '' : `nsenter -t ${pid} -n `;
}
