import type { FlowRef } from '../engine/accounting/flow-account.js';
import { AddressIds } from '../engine/address-ids.js';
import { FlowRefs } from '../engine/flow-refs.js';
import { LocalVerdicts } from '../engine/local-verdicts.js';
import type { AddressSet } from '../model/address-set.js';
import type { KnownHost } from './known-host.js';

/** The host flows of an account, the ids of their addresses, and which of these are local. */
export class AccountFlows {
  /** The table of the ids. {@link moveTo} replaces it. */
  addresses: AddressIds = new AddressIds();
  local: LocalVerdicts;
  readonly refs: FlowRefs = new FlowRefs(this.addresses);
  private readonly host: KnownHost;
  private localAddresses: AddressSet;

  constructor(host: KnownHost) {
    this.host = host;
    this.localAddresses = host.localAddresses;
    this.local = new LocalVerdicts(this.addresses, this.localAddresses);
  }

  /** Takes in new local addresses. */
  async refresh(): Promise<void> {
    const { host } = this;
    await host.refreshAddresses();
    if (this.localAddresses === host.localAddresses) return;
    this.localAddresses = host.localAddresses;
    this.local = new LocalVerdicts(this.addresses, this.localAddresses);
  }

  /** Moves everything to a new table, which forgets the addresses of forgotten flows. Ids of the old one are invalid afterwards. */
  moveTo(addresses: AddressIds): void {
    this.addresses = addresses;
    this.refs.moveTo(addresses);
    this.local = new LocalVerdicts(addresses, this.localAddresses);
  }

  /** Forgets a flow. */
  readonly release = (flow: FlowRef): void => {
    this.refs.release(flow);
  };
}
