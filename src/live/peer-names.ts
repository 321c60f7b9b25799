import { NameCache, type LookUp } from '../names/name-cache.js';
import { resolvePeerNames } from '../names/resolve-names.js';

/** The time for a look-up. It is longer than in the listing, as nobody waits for it. */
const TIMEOUT_MILLISECONDS = 5000;

const lookUpInSystem: LookUp = (addresses) =>
  resolvePeerNames(addresses, { timeoutMilliseconds: TIMEOUT_MILLISECONDS });

/** Looks names up in the background. */
export class PeerNames {
  private readonly cache: NameCache;
  private readonly onFound: () => void;
  private isBusy = false;

  constructor(onFound: () => void, lookUp: LookUp = lookUpInSystem) {
    this.onFound = onFound;
    this.cache = new NameCache(lookUp);
  }

  /** The names found so far, by address. The number of names is bounded. */
  get known(): ReadonlyMap<string, string> {
    return this.cache.known;
  }

  /** Looks up the names of these addresses. A call during a look-up does nothing, as the next drawing asks again. */
  want(addresses: readonly string[]): void {
    if (this.isBusy || this.cache.missing(addresses).length === 0) return;
    this.isBusy = true;
    void this.cache.lookUp(addresses).then(() => {
      this.isBusy = false;
      this.onFound();
    });
  }
}
