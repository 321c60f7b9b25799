import { type HostFlow, MANY } from '../model/host-flow.js';

/** The flows with the names of their peers where `names` (by address) has one; the flows given stay as they are. */
export function withNames<Flow extends Pick<HostFlow, 'peer'>>(
  flows: readonly Flow[],
  names: ReadonlyMap<string, string>,
): Flow[] {
  return flows.map((flow) => withName(flow, names));
}

/** As {@link withNames}, for one flow. */
export function withName<Flow extends Pick<HostFlow, 'peer'>>(
  flow: Flow,
  names: ReadonlyMap<string, string>,
): Flow {
  const name = flow.peer.addr === MANY ? undefined : names.get(flow.peer.addr);
  return name === undefined ? flow : { ...flow, peer: { ...flow.peer, name } };
}
