import { resolvePeerNames } from '../names/resolve-names.js';

/** The names of addresses, or some of them. Does not reject. */
export type LookUp = (addresses: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Longer than the listing gives them: nobody waits. */
const TIMEOUT_MILLISECONDS = 5000;

const lookUpInSystem: LookUp = (addresses) =>
  resolvePeerNames(addresses, { timeoutMilliseconds: TIMEOUT_MILLISECONDS });

/** Looks names up in the background, each address once, as addresses are asked for. */
export class PeerNames {
  /** By address, as far as known. It grows. */
  readonly known: Map<string, string> = new Map<string, string>();
  private readonly asked = new Set<string>();
  private readonly onFound: () => void;
  private readonly lookUp: LookUp;
  private isBusy = false;

  constructor(onFound: () => void, lookUp: LookUp = lookUpInSystem) {
    this.onFound = onFound;
    this.lookUp = lookUp;
  }

  /** Wants the names of these. While it looks others up it takes none: whoever draws anew asks anew. */
  want(addresses: readonly string[]): void {
    const open = addresses.filter((address) => !this.asked.has(address));
    if (this.isBusy || open.length === 0) return;
    this.isBusy = true;
    void this.find(open);
  }

  private async find(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) this.asked.add(address);
    const found = await this.lookUp(addresses);
    for (const [address, name] of found) this.known.set(address, name);
    this.isBusy = false;
    this.onFound();
  }
}
