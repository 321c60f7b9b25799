import { Asker } from '../../kernel/netlink/asker.js';
import type { NetworkNamespace } from '../../kernel/netlink/socket/namespace.js';
import { readNamespaceFiles } from '../../kernel/netlink/socket/namespace-files.js';
import { NetlinkError } from '../../kernel/netlink/netlink-error.js';
import { NETLINK_PROTOCOL, withNetlink } from '../../kernel/netlink/socket/netlink-socket.js';
import { dumpBroadcasts, dumpLocalAddresses } from '../../kernel/netlink/route/dump-addresses.js';
import { AS_ROOT, either, HostflowError, option, type HostflowErrorCode } from '../../model/errors.js';
import { parseIgmp, parseIgmp6 } from '../../kernel/procfs/multicast-groups.js';
import { addressesOfRoutes } from '../host-addresses.js';
import type { AddressSource, Following } from '../source.js';
import { orFail } from './netlink-failure.js';

/** The local routes and addresses of a network namespace by rtnetlink. It needs no privilege in this process's own namespace. */
export function netlinkAddresses(namespace: NetworkNamespace | undefined): AddressSource {
  return {
    name: 'rtnetlink',
    async dump() {
      const options = { protocol: NETLINK_PROTOCOL.route, namespace, filteredDumps: true };
      return await orFailInside(namespace, async () => {
        const groups = await joinedGroups(namespace);
        return await withNetlink(options, (socket) => {
          const asker = new Asker(socket);
          const addresses = dumpLocalAddresses(asker);
          return Promise.resolve(addressesOfRoutes(addresses, [...groups, ...dumpBroadcasts(asker)]));
        });
      });
    },
    async follow(onChange) {
      // Loaded here, as a listing does not follow.
      const { followAddresses } = await import('../../kernel/netlink/route/follow-addresses.js');
      return await orFailInside(namespace, async () => {
        const following = await followAddresses(namespace, onChange);
        return followGroups(namespace, following, onChange);
      });
    },
  };
}

/** The multicast groups that the host has joined. Only since Linux 6.15 rtnetlink lists those of IPv4. */
async function joinedGroups(namespace: NetworkNamespace | undefined): Promise<string[]> {
  const [igmp = '', igmp6 = ''] = await readNamespaceFiles(namespace, ['net/igmp', 'net/igmp6']);
  return [...parseIgmp(igmp), ...parseIgmp6(igmp6)];
}

/** Follows the groups as well. The kernel reports no joined group, so each look reads them again. */
async function followGroups(
  namespace: NetworkNamespace | undefined,
  addresses: Following,
  onChange: () => void,
): Promise<Following> {
  let known = (await joinedGroups(namespace)).join();
  return {
    async look() {
      await addresses.look();
      const now = await joinedGroups(namespace).catch(orGone);
      if (now === undefined || now.join() === known) return;
      known = now.join();
      onChange();
    },
    close: () => addresses.close(),
  };
}

/**
 * Undefined for a namespace that has lost its process or its name. It lives on as long as sockets are open in it, and its groups are
 * those last seen.
 */
function orGone(error: unknown): undefined {
  if (!(error instanceof NetlinkError)) throw error;
}

/** Runs `body`. If a named namespace cannot be entered, no other source can read it either, so the run ends. @throws HostflowError */
function orFailInside<T>(namespace: NetworkNamespace | undefined, body: () => Promise<T>): Promise<T> {
  return orFail('addresses', async () => {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof NetlinkError) || namespace === undefined || !('name' in namespace)) throw error;
      const message = `${option('netns')}: ${error.message}${remedy(error, namespace.name)}`;
      throw new HostflowError(causeOf(error), message);
    }
  });
}

function causeOf({ code }: NetlinkError): HostflowErrorCode {
  if (code === 'no-such-namespace') return 'missing';
  if (code === 'not-permitted' || code === 'namespace-denied') return 'permission';
  return code === 'unavailable' || code === 'not-installed' ? 'unsupported' : 'failed';
}

function remedy({ code }: NetlinkError, name: string): string {
  switch (code) {
    case 'unavailable':
    case 'not-installed':
      return `; run ${either({ library: 'the program', command: 'it' })} inside the namespace (ip netns exec ${name} ${either({ library: 'COMMAND', command: 'hostflow' })}), or npm install koffi`;
    case 'no-such-namespace':
      return ' (ip netns lists them)';
    case 'not-permitted':
    case 'namespace-denied':
      return ` (${AS_ROOT})`;
    default:
      return '';
  }
}
