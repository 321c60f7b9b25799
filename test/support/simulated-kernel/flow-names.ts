import type { FlowRef } from '../../../src/engine/accounting/flow-account.js';

/** Flows that are known by a name, which their rows have for a protocol: the same object until it is released. */
export class FlowNames {
  private readonly refs = new Map<string, FlowRef>();

  of(name: string): FlowRef {
    let ref = this.refs.get(name);
    if (ref === undefined) {
      const nobody = { addr: '192.0.2.1', port: '-' };
      const key = { direction: 'active', protocol: name, local: nobody, peer: nobody } as const;
      this.refs.set(name, (ref = { key, source: 'conntrack' }));
    }
    return ref;
  }

  release({ key }: FlowRef): void {
    this.refs.delete(key.protocol);
  }

  get size(): number {
    return this.refs.size;
  }
}
