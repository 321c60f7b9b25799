import { NameCache, type LookUp } from '../names/name-cache.js';
import { resolvePeerNames } from '../names/resolve-names.js';

/** Longer than the listing gives them: nobody waits. */
const TIMEOUT_MILLISECONDS = 5000;

const lookUpInSystem: LookUp = (addresses) =>
  resolvePeerNames(addresses, { timeoutMilliseconds: TIMEOUT_MILLISECONDS });

/** Looks names up in the background, as addresses are asked for. */
export class PeerNames {
  private readonly cache: NameCache;
  private readonly onFound: () => void;
  private isBusy = false;

  constructor(onFound: () => void, lookUp: LookUp = lookUpInSystem) {
    this.onFound = onFound;
    this.cache = new NameCache(lookUp);
  }

  /** By address, as far as known. It grows, up to a bound. */
  get known(): ReadonlyMap<string, string> {
    return this.cache.known;
  }

  /** Looks up the names of these. During a look-up it takes none: whoever draws anew asks anew. */
  want(addresses: readonly string[]): void {
    if (this.isBusy || this.cache.missing(addresses).length === 0) return;
    this.isBusy = true;
    void this.cache.lookUp(addresses).then(() => {
      this.isBusy = false;
      this.onFound();
    });
  }
}
