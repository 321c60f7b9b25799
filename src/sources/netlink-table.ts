import { readRecord } from '../flows/read-record.js';
import { ConntrackDump } from '../netlink/conntrack/dump.js';
import type { NetworkNamespace } from '../netlink/namespace.js';
import { NETLINK_PROTOCOL, openNetlink, type NetlinkSocket } from '../netlink/socket.js';
import { orFail } from './netlink-failure.js';
import type { TableSource } from './source.js';
import type { TableReading } from './table-reading.js';

/** What messages call the table, as it has no path. */
const NAME = 'conntrack by netlink';

/** The connection-tracking table by ctnetlink (`IPCTNL_MSG_CT_GET`): needs CAP_NET_ADMIN in the namespace. */
export function netlinkTable(namespace: NetworkNamespace | undefined): TableSource {
  let asked: Promise<Asked> | undefined;
  const release = async (): Promise<void> => {
    const taken = asked;
    asked = undefined;
    // Whoever reads hears why there is none.
    await taken?.then(
      ({ socket }) => socket.close(),
      () => undefined,
    );
  };
  return {
    name: 'netlink',
    begin() {
      asked = askForTable(namespace);
      asked.catch(() => undefined);
    },
    async read(start) {
      try {
        return await orFail('conntrack', async () => {
          const { dump } = await (asked ??= askForTable(namespace));
          return await readTable(dump, start);
        });
      } finally {
        await release();
      }
    },
    release,
  };
}

/** The table, asked for: the kernel makes its first parts while something else is done here. */
interface Asked {
  socket: NetlinkSocket;
  dump: ConntrackDump;
}

async function askForTable(namespace: NetworkNamespace | undefined): Promise<Asked> {
  const socket = await openNetlink({ protocol: NETLINK_PROTOCOL.netfilter, namespace });
  return { socket, dump: new ConntrackDump(socket) };
}

async function readTable(dump: ConntrackDump, start: (name: string) => TableReading): Promise<TableReading> {
  let reading = start(NAME);
  await dump.read({
    restart: () => (reading = reading.entries === 0 ? reading : start(NAME)),
    entry: (record) => {
      readRecord(reading.connection, record, reading.addresses);
      reading.add();
    },
  });
  return reading;
}
