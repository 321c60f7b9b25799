import { EXIT, HostflowError } from '../model/errors.js';
import type { AddressSet } from '../model/address-set.js';
import { NetlinkError } from '../kernel/netlink/netlink-error.js';
import { dumpLocalAddresses } from '../kernel/netlink/route/dump-addresses.js';
import { NETLINK_PROTOCOL, withNetlink } from '../kernel/netlink/netlink-socket.js';
import { localAddressSet } from './local-addresses.js';

/**
 * The addresses of every interface of a named network namespace, by rtnetlink.
 * @throws HostflowError where there is no way into it: nothing else of it can be read then either
 */
export async function netlinkAddresses(name: string): Promise<AddressSet> {
  const options = { protocol: NETLINK_PROTOCOL.route, namespace: { name }, filteredDumps: true };
  try {
    return await withNetlink(options, async (socket) =>
      localAddressSet(await dumpLocalAddresses(socket), []),
    );
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    throw new HostflowError(EXIT.sourceFailed, `--netns: ${error.message}${remedy(error, name)}`);
  }
}

function remedy({ code }: NetlinkError, name: string): string {
  switch (code) {
    case 'unavailable':
      return `: run hostflow inside instead (ip netns exec ${name} hostflow), or npm install koffi`;
    case 'no-such-namespace':
      return ' (ip netns lists them)';
    case 'not-permitted':
      return ' (sudo hostflow)';
    default:
      return '';
  }
}
