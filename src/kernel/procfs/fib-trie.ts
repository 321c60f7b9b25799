/** A route of type `local`: an address or prefix that this host answers to. */
export interface LocalRoute {
  address: string;
  /** 32 (IPv6: 128) for an address of an interface; shorter for `127.0.0.0/8` and for any-IP routes. */
  prefixLength: number;
}

/** The routes of a host to itself. */
export interface OwnRoutes {
  local: LocalRoute[];
  /** The broadcast addresses of its networks. */
  broadcasts: string[];
}

/**
 * The local and broadcast IPv4 routes of all tables in the text of `/proc/net/fib_trie`, each once (`fib_trie_seq_show`).
 *
 * The file prints a trie. A leaf's address is on one line (`|-- 127.0.0.0`), and each of its routes is on a line below it
 * (`/8 host LOCAL`). Other lines are skipped.
 */
export function parseFibTrie(text: string): OwnRoutes {
  const broadcasts = new Set<string>();
  const routes = new Map<string, LocalRoute>();
  let address: string | undefined;
  for (const line of text.split('\n')) {
    const leaf = /^ *\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line);
    if (leaf) address = leaf[1];
    const route = /^ *\/(\d{1,2}) \S+ (LOCAL|BROADCAST)\b/.exec(line);
    if (!route || address === undefined) continue;
    const prefixLength = Number(route[1]);
    if (route[2] === 'BROADCAST') broadcasts.add(address);
    else if (prefixLength <= 32) routes.set(`${address}/${prefixLength}`, { address, prefixLength });
  }
  return { local: [...routes.values()], broadcasts: [...broadcasts] };
}
