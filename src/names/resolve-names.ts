import { isIP } from 'node:net';
import { sanitizeText } from '../render/sanitize.js';
import { openSystemResolver, type ReverseLookup, type SystemResolver } from './system-resolver.js';

/** How long to look, and where. */
export interface ResolveNamesOptions {
  /** For all addresses together; 1000 by default. */
  timeoutMilliseconds?: number;
  /** Instead of the system's `/etc/hosts` and DNS. */
  reverse?: ReverseLookup;
}

const DEFAULT_TIMEOUT_MILLISECONDS = 1000;
/** So many questions at a time: quick with a resolver nearby, and no flood for one that limits its clients. */
const CONCURRENCY = 64;

/**
 * The names of addresses, looked up side by side, each address once, within one time budget for all.
 *
 * What is not known when the time is up stays absent, as does what has no name. Never rejects, and nothing of it goes on
 * afterwards. Text that is no address (`many`) is not looked up.
 *
 * @returns sanitised names by address, as spelt in `addresses`
 */
export async function resolvePeerNames(
  addresses: Iterable<string>,
  options: ResolveNamesOptions = {},
): Promise<Map<string, string>> {
  const timeoutMilliseconds = options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS;
  const wanted = [...new Set(addresses)].filter((address) => isIP(address) !== 0);
  if (wanted.length === 0) return new Map();
  const resolver = openResolver(options.reverse, timeoutMilliseconds);
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
  }, timeoutMilliseconds);
  try {
    return await lookUpUntil(deadline.signal, wanted, resolver.reverse);
  } finally {
    clearTimeout(timer);
    resolver.close();
  }
}

function openResolver(reverse: ReverseLookup | undefined, timeoutMilliseconds: number): SystemResolver {
  return reverse === undefined
    ? openSystemResolver({ timeoutMilliseconds })
    : { reverse, close: () => undefined };
}

/** Workers take addresses from one queue until it is empty or the signal comes, which no answer can delay. */
async function lookUpUntil(
  signal: AbortSignal,
  addresses: readonly string[],
  reverse: ReverseLookup,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const queue = addresses.values();
  const late = (): boolean => signal.aborted;
  const work = async (): Promise<void> => {
    for (const address of queue) {
      if (late()) return;
      const name = await nameOf(address, reverse);
      // What comes too late must not change a map that the caller has already.
      if (name !== undefined && !late()) names.set(address, name);
    }
  };
  const expired = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  await Promise.race([Promise.all(Array.from({ length: CONCURRENCY }, work)), expired]);
  return names;
}

/** The first usable name. An error (no such name, refused, cancelled) means that there is none. */
async function nameOf(address: string, reverse: ReverseLookup): Promise<string | undefined> {
  try {
    const names = (await reverse(address)).map((name) => sanitizeText(name).trim().replace(/\.$/, ''));
    return names.find((name) => name !== '' && name !== address);
  } catch {
    return undefined;
  }
}
