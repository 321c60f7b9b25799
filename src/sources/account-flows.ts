import type { FlowRef } from '../engine/accounting/flow-account.js';
import { AddressIds } from '../engine/address-ids.js';
import { FlowRefs } from '../engine/flow-refs.js';
import type { Evidence, HostFacts } from '../engine/direction.js';
import { verdictsOn, type LocalAddresses } from '../engine/local-verdicts.js';
import type { KnownHost } from './known-host.js';

/** The host flows of an account, the ids of their addresses, and which of these are local. */
export class AccountFlows {
  /** The table of the ids. {@link moveTo} replaces it. */
  addresses: AddressIds = new AddressIds();
  facts: HostFacts;
  readonly refs: FlowRefs = new FlowRefs(this.addresses);
  private readonly host: KnownHost;
  private localAddresses: LocalAddresses;

  constructor(host: KnownHost) {
    this.host = host;
    this.localAddresses = host.localAddresses;
    this.facts = { ...verdictsOn(this.addresses, this.localAddresses), evidence: undefined };
  }

  /** Takes in new local addresses. */
  async refresh(): Promise<void> {
    const { host } = this;
    await host.refreshAddresses();
    if (this.localAddresses === host.localAddresses) return;
    this.localAddresses = host.localAddresses;
    this.setFacts(this.facts.evidence);
  }

  /** Takes in new evidence of sockets. Its addresses are of {@link addresses}. */
  know(evidence: Evidence | undefined): void {
    this.setFacts(evidence);
  }

  /**
   * Moves everything to a new table, which forgets the addresses of forgotten flows. Ids of the old one are invalid afterwards.
   * @param evidence the evidence of sockets with ids of the new table
   */
  moveTo(addresses: AddressIds, evidence: Evidence | undefined): void {
    this.addresses = addresses;
    this.refs.moveTo(addresses);
    this.setFacts(evidence);
  }

  private setFacts(evidence: Evidence | undefined): void {
    this.facts = { ...verdictsOn(this.addresses, this.localAddresses), evidence };
  }

  /** Forgets a flow. */
  readonly release = (flow: FlowRef): void => {
    this.refs.release(flow);
  };
}
