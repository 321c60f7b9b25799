import { once } from 'node:events';
import { isIP } from 'node:net';
import { sanitizeText } from '../model/sanitize.js';
import { canonicalAddress } from './hosts-file.js';
import { openSystemResolver, type ReverseLookup, type SystemResolver } from './system-resolver.js';

/** How long to look, and where. */
export interface ResolveNamesOptions {
  /** For all addresses together; 1000 by default. */
  timeoutMilliseconds?: number;
  /** Instead of the system's DNS, and of its `/etc/hosts` too. */
  reverse?: ReverseLookup;
  /** Names by address, with `reverse` only: what stands in for `/etc/hosts`. */
  hosts?: ReadonlyMap<string, string>;
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

/** The names found until the signal comes, which no answer can delay. */
async function lookUpUntil(
  signal: AbortSignal,
  addresses: readonly string[],
  { hosts, reverse }: SystemResolver,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const late = (): boolean => signal.aborted;
  // What comes too late must not change a map that the caller has already.
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
    // The file first, for all: behind questions to a DNS server that is silent its names would never have their turn.
    const local = await hosts;
    for (const address of addresses) record(address, [local.get(canonicalAddress(address)) ?? '']);
    const queue = addresses.filter((address) => !names.has(address)).values();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => work(queue)));
  };
  await Promise.race([lookUp(), once(signal, 'abort')]);
  return names;
}

/** The first candidate that says more than the address does, sanitised. */
function usableName(address: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((name) => sanitizeText(name).trim().replace(/\.$/, ''))
    .find((name) => name !== '' && name !== address);
}

/** An error (no such name, refused, cancelled) means that there is none. */
async function answerOrNone(address: string, reverse: ReverseLookup): Promise<string[]> {
  try {
    return await reverse(address);
  } catch {
    return [];
  }
}
