import { once } from 'node:events';
import { isIP } from 'node:net';
import { sanitizeText } from '../model/sanitize.js';
import { canonicalAddress } from './hosts-file.js';
import { openSystemResolver, type ReverseLookup, type SystemResolver } from './system-resolver.js';

/** The time and the places for a look-up. */
export interface ResolveNamesOptions {
  /** The time for all addresses together; 1000 by default. */
  timeoutMilliseconds?: number;
  /** Replaces the system's DNS and its `/etc/hosts`. */
  reverse?: ReverseLookup;
  /** Names by address that replace `/etc/hosts`, if `reverse` is given. */
  hosts?: ReadonlyMap<string, string>;
}

const DEFAULT_TIMEOUT_MILLISECONDS = 1000;
/** The number of questions at a time. It is quick with a resolver nearby, and does not flood one that limits its clients. */
const CONCURRENCY = 64;

/**
 * Looks up the names of addresses in parallel, each address once, within one time limit for all.
 *
 * An address without a name, or whose name is not known in time, is left out. Text that is no address (`many`) is not looked up.
 * Never rejects. Nothing goes on after it resolves.
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
  const resolver = openResolver(options, timeoutMilliseconds);
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
  }, timeoutMilliseconds);
  try {
    return await lookUpUntil(deadline.signal, wanted, resolver);
  } finally {
    clearTimeout(timer);
    resolver.close();
  }
}

function openResolver(
  { reverse, hosts = new Map() }: ResolveNamesOptions,
  timeoutMilliseconds: number,
): SystemResolver {
  return reverse === undefined
    ? openSystemResolver({ timeoutMilliseconds })
    : { hosts: Promise.resolve(hosts), reverse, close: () => undefined };
}

/** The names found before the signal. A slow answer cannot delay it. */
async function lookUpUntil(
  signal: AbortSignal,
  addresses: readonly string[],
  { hosts, reverse }: SystemResolver,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const late = (): boolean => signal.aborted;
  // A late answer must not change the map that the caller has got.
  const record = (address: string, candidates: readonly string[]): void => {
    const name = usableName(address, candidates);
    if (name !== undefined && !late()) names.set(address, name);
  };
  const work = async (queue: Iterable<string>): Promise<void> => {
    for (const address of queue) {
      if (late()) return;
      record(address, await answerOrNone(address, reverse));
    }
  };
  const lookUp = async (): Promise<void> => {
    // The file comes first for all addresses, as a silent DNS server would keep its names waiting.
    const local = await hosts;
    for (const address of addresses) record(address, [local.get(canonicalAddress(address)) ?? '']);
    const queue = addresses.filter((address) => !names.has(address)).values();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => work(queue)));
  };
  await Promise.race([lookUp(), once(signal, 'abort')]);
  return names;
}

/** The first candidate that differs from the address, sanitised. */
function usableName(address: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((name) => sanitizeText(name).trim().replace(/\.$/, ''))
    .find((name) => name !== '' && name !== address);
}

/** The names of an address. An error (no such name, refused, cancelled) counts as no names. */
async function answerOrNone(address: string, reverse: ReverseLookup): Promise<string[]> {
  try {
    return await reverse(address);
  } catch {
    return [];
  }
}
