import { type HostFlow, MANY } from '../flows/host-flow.js';

/** The flows with the names of their peers where `names` (by address) has one; the flows given stay as they are. */
export function withNames(flows: readonly HostFlow[], names: ReadonlyMap<string, string>): HostFlow[] {
  return flows.map((flow) => {
    const name = flow.peer.addr === MANY ? undefined : names.get(flow.peer.addr);
    return name === undefined ? flow : { ...flow, peer: { ...flow.peer, name } };
  });
}
