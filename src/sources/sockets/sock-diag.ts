import type { Diagnostic } from '../../model/diagnostics.js';
import type { Unreadable } from '../../model/unreadable.js';
import { TCP, UDP } from '../../engine/connection.js';
import { SocketEvidence } from '../../engine/evidence.js';
import { dumpSockets, type DiagTable } from '../../kernel/netlink/inet-diag/dump-sockets.js';
import { openedHere, tcpPayload } from '../../kernel/netlink/inet-diag/tcp-payload.js';
import type { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import { NetlinkError } from '../../kernel/netlink/netlink-error.js';
import type { NetworkNamespace } from '../../kernel/netlink/socket/namespace.js';
import {
  NETLINK_PROTOCOL,
  withNetlink,
  type NetlinkSocket,
} from '../../kernel/netlink/socket/netlink-socket.js';
import { orFail } from '../netlink/netlink-failure.js';
import { ephemeralPortsIn } from '../ephemeral-ports.js';
import { noteSocket, STATES_THAT_TELL } from './note-socket.js';
import { addressAt } from './socket-address.js';
import type { ProcFs } from '../../kernel/procfs/procfs.js';
import type { SocketTableName } from './read-socket-tables.js';
import type { SocketTables } from '../source.js';
import type { SourceOptions } from '../source-options.js';
import type { SocketSource } from '../traffic-source.js';

/** The tables. `file` has the same sockets, and is read if the kernel lacks the table. */
const TABLES: readonly (DiagTable & { file?: SocketTableName })[] = [
  { family: 'both', protocol: 'tcp' },
  { family: 'ipv4', protocol: 'udp', file: 'udp' },
  { family: 'ipv6', protocol: 'udp', file: 'udp6' },
];

/**
 * Sockets by sock_diag, TCP sockets with their traffic. It needs no privilege in this process's own namespace.
 *
 * With `--source procfs` they are evidence only: their traffic stays unknown, as in the files.
 *
 * @param procfs has the tables for which the kernel has no sock_diag; `udp_diag` is a module of its own
 */
export function netlinkSockets(
  namespace: NetworkNamespace | undefined,
  procfs: ProcFs | undefined,
  { strict, source: choice }: Pick<SourceOptions, 'strict' | 'source'>,
): SocketSource {
  return {
    name: 'sock_diag',
    dump: (addresses) =>
      orFail('sockets', () =>
        withNetlink({ protocol: NETLINK_PROTOCOL.sockDiag, namespace }, async (socket) => {
          const evidence = new SocketEvidence(addresses);
          evidence.ephemeralPorts = await ephemeralPortsIn(namespace);
          return await readTables(socket, procfs, { strict, withTraffic: choice !== 'procfs' }, evidence);
        }),
      ),
    async follow(host, failures) {
      // Loaded here, as a listing does not follow.
      const { followSockets } = await import('./socket-account.js');
      return await followSockets(namespace, host, failures);
    },
  };
}

async function readTables(
  socket: NetlinkSocket,
  procfs: ProcFs | undefined,
  { strict, withTraffic }: { strict: boolean; withTraffic: boolean },
  evidence: SocketEvidence,
): Promise<SocketTables> {
  const diagnostics: Diagnostic[] = [];
  for (const table of TABLES) {
    try {
      await readTable(socket, table, evidence, withTraffic);
    } catch (error) {
      const isAbsent = error instanceof NetlinkError && error.code === 'refused';
      if (!isAbsent || table.file === undefined) throw error;
      const failure =
        procfs === undefined
          ? absent(error)
          : (await import('./read-socket-tables.js')).readSocketTable(
              procfs,
              table.file,
              evidence,
              strict,
              diagnostics,
            );
      if (failure !== undefined) diagnostics.push({ code: 'sockets-unreadable', failure });
    }
  }
  return { evidence, bytes: { known: withTraffic }, diagnostics };
}

function absent({ code, message }: NetlinkError): Unreadable {
  return { code: 'netlink-failed', table: 'sockets', failure: code, reason: message };
}

async function readTable(
  socket: NetlinkSocket,
  table: DiagTable,
  evidence: SocketEvidence,
  withTraffic: boolean,
): Promise<void> {
  const protocolNumber = table.protocol === 'tcp' ? TCP : UDP;
  let attempts = 0;
  await dumpSockets(
    socket,
    { ...table, states: STATES_THAT_TELL[table.protocol] },
    {
      restart() {
        // Sockets cannot be taken out of the evidence again. No kernel is known to interrupt these dumps.
        if (++attempts > 1) throw new NetlinkError('interrupted', 'the sockets changed during the dump');
      },
      socket(record) {
        const index = noteRecord(evidence, protocolNumber, record);
        if (withTraffic && index >= 0 && protocolNumber === TCP) setTraffic(evidence, index, record);
      },
    },
  );
}

/** Adds a socket to the evidence. @returns its index if it is a connection, else -1 */
function noteRecord(evidence: SocketEvidence, protocolNumber: number, record: DiagRecord): number {
  const local = addressAt(evidence.addresses, record, record.sourceAt);
  const remote = addressAt(evidence.addresses, record, record.destinationAt);
  const { state, sourcePort, destinationPort } = record;
  const opened = protocolNumber === TCP ? openedHere(record) : undefined;
  return noteSocket(evidence, protocolNumber, state, [local, sourcePort], [remote, destinationPort], opened);
}

function setTraffic(evidence: SocketEvidence, index: number, record: DiagRecord): void {
  const { segmentsOut, segmentsIn } = record;
  const payload = tcpPayload(record);
  // Linux 4.1 has bytes, but no segments.
  if (payload === undefined || segmentsOut < 0 || segmentsIn < 0) return;
  evidence.traffic.set(index, {
    sentPackets: segmentsOut,
    sentBytes: payload.sent,
    receivedPackets: segmentsIn,
    receivedBytes: payload.received,
  });
}
