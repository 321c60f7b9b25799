import { readRecord } from './record-connection.js';
import { dumpConntrack } from '../../kernel/netlink/conntrack/dump-entries.js';
import type { NetworkNamespace } from '../../kernel/netlink/socket/namespace.js';
import { NETLINK_PROTOCOL, withNetlink } from '../../kernel/netlink/socket/netlink-socket.js';
import { orFail } from './netlink-failure.js';
import type { TableSource } from '../traffic-source.js';
import type { TableReading } from '../listing/table-reading.js';

/** The name of the table in messages, as it has no path. */
const NAME = 'conntrack by netlink';

/** The conntrack table by ctnetlink (`IPCTNL_MSG_CT_GET`). It needs CAP_NET_ADMIN in the namespace. */
export function netlinkTable(namespace: NetworkNamespace | undefined): TableSource {
  return {
    name: 'netlink',
    dump: (start) =>
      orFail('conntrack', () =>
        withNetlink({ protocol: NETLINK_PROTOCOL.netfilter, namespace }, async (socket) => {
          let reading: TableReading = start(NAME);
          await dumpConntrack(socket, {
            restart: () => (reading = reading.entries === 0 ? reading : start(NAME)),
            entry: (record) => {
              readRecord(reading.connection, record, reading.addresses);
              reading.add();
            },
          });
          return reading;
        }),
      ),
    async follow(host) {
      // Loaded here, as a listing does not follow.
      const { followConntrack } = await import('./conntrack-account.js');
      return await followConntrack(namespace, host);
    },
  };
}
