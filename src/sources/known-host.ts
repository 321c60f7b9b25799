import type { AddressIds } from '../engine/address-ids.js';
import type { SocketEvidence } from '../engine/evidence.js';
import type { LocalAddresses } from '../engine/local-verdicts.js';
import { AddressSet } from '../model/address-set.js';
import type { Diagnostic } from '../model/diagnostics.js';
import { HostflowError } from '../model/errors.js';
import { addressNotices } from './host-addresses.js';
import type { SourceOptions } from './source-options.js';
import {
  firstThatWorks,
  readAddresses,
  type Following,
  type HostAddresses,
  type HostSources,
} from './source.js';

/** The facts about a host that decide directions: its local addresses and its sockets. They are kept current. */
export class KnownHost {
  readonly options: SourceOptions;
  private readonly sources: HostSources;
  private local: LocalAddresses & HostAddresses;
  private following: Following | undefined;
  private haveAddressesChanged = false;
  /** The notices so far, by code. A notice stays the same object. */
  private readonly found = new Map<Diagnostic['code'], Diagnostic>();

  private constructor(options: SourceOptions, sources: HostSources) {
    this.options = options;
    this.sources = sources;
    this.local = {
      own: new AddressSet(),
      groups: new AddressSet(),
      isTransparent: false,
      given: sources.given,
    };
  }

  /** Reads the local addresses, and follows them from then on, if a source can. @throws HostflowError */
  static async open(options: SourceOptions, sources: HostSources): Promise<KnownHost> {
    const host = new KnownHost(options, sources);
    // Changes are followed before the dump, so that a change during it leads to another dump.
    host.following = await followAddresses(sources, () => {
      host.haveAddressesChanged = true;
    });
    try {
      host.take(await readAddresses(sources));
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** The local addresses as of the last {@link refreshAddresses}. It is another object if they have changed. */
  get localAddresses(): LocalAddresses {
    return this.local;
  }

  /** The notices about directions that are less certain than others. */
  get notices(): readonly Diagnostic[] {
    return [...this.found.values()];
  }

  /** Adds a notice, unless there is one of its code. */
  notice(diagnostic: Diagnostic): void {
    if (!this.found.has(diagnostic.code)) this.found.set(diagnostic.code, diagnostic);
  }

  /** True if there are sockets that can tell who opened a connection. */
  get hasEvidence(): boolean {
    return this.sources.sockets.length > 0;
  }

  /** Reads the local addresses again if they have changed. */
  async refreshAddresses(): Promise<void> {
    await this.following?.look();
    if (!this.haveAddressesChanged) return;
    this.haveAddressesChanged = false;
    try {
      this.take(await readAddresses(this.sources));
    } catch (error) {
      // The namespace has lost its process or its name, and lives on with the sockets that are open in it. If those fail too, the
      // account ends with the reason.
      if (!(error instanceof HostflowError)) throw error;
      this.haveAddressesChanged = true;
    }
  }

  /** Reads listeners and live sockets; undefined if no source works. @param addresses the table for their addresses */
  async readSockets(addresses: AddressIds): Promise<SocketEvidence | undefined> {
    if (!this.hasEvidence) return undefined;
    const read = await firstThatWorks(this.sources.sockets, (source) => source.dump(addresses));
    return read.source === undefined ? undefined : read.result.evidence;
  }

  async close(): Promise<void> {
    await this.following?.close();
  }

  private take(addresses: LocalAddresses & HostAddresses): void {
    this.local = addresses;
    for (const notice of addressNotices(addresses)) this.notice(notice);
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
