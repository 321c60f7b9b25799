import type { AddressIds } from '../engine/address-ids.js';
import type { Evidence } from '../engine/direction.js';
import { AddressSet } from '../model/address-set.js';
import type { SourceOptions } from './source-options.js';
import { firstThatWorks, readAddresses, type Following, type HostSources } from './source.js';

/** The facts about a host that decide directions: its local addresses and its sockets. They are kept current. */
export class KnownHost {
  readonly options: SourceOptions;
  private readonly sources: HostSources;
  private set = new AddressSet([]);
  private following: Following | undefined;
  private haveAddressesChanged = false;

  private constructor(options: SourceOptions, sources: HostSources) {
    this.options = options;
    this.sources = sources;
  }

  /** Reads the local addresses, and follows them from then on, if a source can. @throws HostflowError */
  static async open(options: SourceOptions, sources: HostSources): Promise<KnownHost> {
    const host = new KnownHost(options, sources);
    // Changes are followed before the dump, so that a change during it leads to another dump.
    host.following = await followAddresses(sources, () => {
      host.haveAddressesChanged = true;
    });
    try {
      host.set = await readAddresses(sources);
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** The local addresses as of the last {@link refreshAddresses}. It is another object if they have changed. */
  get localAddresses(): AddressSet {
    return this.set;
  }

  /** True if sockets can tell who opened a connection. They cannot if the local addresses are another host's. */
  get hasEvidence(): boolean {
    return this.options.local === undefined && this.sources.sockets.length > 0;
  }

  /** Reads the local addresses again if they have changed. */
  async refreshAddresses(): Promise<void> {
    this.following?.look();
    if (!this.haveAddressesChanged) return;
    this.haveAddressesChanged = false;
    this.set = await readAddresses(this.sources);
  }

  /** Reads listeners and live sockets; undefined if no source works. @param addresses the table for their addresses */
  async readSockets(addresses: AddressIds): Promise<Evidence | undefined> {
    if (!this.hasEvidence) return undefined;
    const read = await firstThatWorks(this.sources.sockets, (source) => source.dump(addresses));
    return read.source === undefined ? undefined : read.result.evidence;
  }

  async close(): Promise<void> {
    await this.following?.close();
  }
}

async function followAddresses(
  { addresses }: HostSources,
  onChange: () => void,
): Promise<Following | undefined> {
  const followable = addresses.filter(({ follow }) => follow !== undefined);
  const followed = await firstThatWorks(followable, (source) => source.follow?.(onChange));
  return followed.source === undefined ? undefined : followed.result;
}
