import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker } from '../../kernel/netlink/asker.js';
import {
  dumpSockets,
  SOCK_DIAG_BY_FAMILY,
  SOCK_DIAG_GROUP,
  stateNow,
} from '../../kernel/netlink/inet-diag/dump-sockets.js';
import { livePayload } from '../../kernel/netlink/inet-diag/tcp-payload.js';
import { DiagRecord } from '../../kernel/netlink/inet-diag/diag-record.js';
import type { NetworkNamespace } from '../../kernel/netlink/socket/namespace.js';
import {
  NETLINK_PROTOCOL,
  openNetlink,
  type NetlinkSocket,
} from '../../kernel/netlink/socket/netlink-socket.js';
import { ephemeralPortsIn } from '../ephemeral-ports.js';
import { CONNECTED_STATES, LISTEN } from './note-socket.js';
import { orFail } from '../netlink/netlink-failure.js';
import { orEnd, settle, started, type OpenedAccount, type SeeingAccount } from '../opened-account.js';
import { Accounting, type AccountedInterval } from '../../engine/accounting/accounting.js';
import { countersOf, EndedSockets } from './ended-sockets.js';
import { EventFeed } from '../netlink/event-feed.js';
import { fallbackDiagnostic, type Diagnostic, type SocketBytes } from '../../model/diagnostics.js';
import type { Unreadable } from '../../model/unreadable.js';
import type { KnownHost } from '../known-host.js';
import type { SourceChoice } from '../source-options.js';
import { SocketResolver, type DirectedSocket } from './socket-resolver.js';

/** Room for the events of some hundred thousand sockets. Without CAP_NET_ADMIN the limit is `net.core.rmem_max`. */
const EVENT_BUFFER_BYTES = 256 * 1024 * 1024;
/**
 * The wait for events after a dump: it ends when `quietLooks` looks in a row find none. The kernel sends the event of a socket from a
 * work queue (`sock_diag_broadcast_destroy`), after the socket has left the table. The delay depends on the load of the machine.
 */
const SETTLING = { milliseconds: 25, quietLooks: 2, mostLooks: 10 } as const;

interface Sockets {
  events: NetlinkSocket;
  dumps: NetlinkSocket;
  questions: NetlinkSocket;
}

/**
 * Keeps account of the TCP connections of a network namespace by its sockets. The kernel sends an event for each socket that ends,
 * with its final `struct tcp_info`. Dumps show the live ones. It needs no privilege.
 */
export class SocketAccount implements SeeingAccount {
  readonly ended: Promise<void>;
  private readonly resolver: SocketResolver;
  private readonly sockets: Sockets;
  private readonly feed: EventFeed;
  private readonly accounting: Accounting<DirectedSocket>;
  private readonly asker: Asker;
  private readonly endedSockets: EndedSockets;
  private readonly record = new DiagRecord();
  private eventsSeen = 0;
  private hasLostEvents = false;

  private constructor(resolver: SocketResolver, sockets: Sockets) {
    this.resolver = resolver;
    this.sockets = sockets;
    this.accounting = new Accounting({
      resolve: resolver.resolve,
      onForget: resolver.release,
      hasEvents: true,
      // The kernel gives a cookie once in a boot.
      identitiesRecur: false,
    });
    this.asker = new Asker(sockets.questions);
    this.endedSockets = new EndedSockets(this.accounting, resolver, this.asker);
    this.feed = new EventFeed(sockets.events, {
      message: (view, header) => {
        if (header.type !== SOCK_DIAG_BY_FAMILY) return;
        this.eventsSeen++;
        this.record.read(view, header.bodyAt, header.end);
        this.endedSockets.take(this.record);
      },
      overrun: () => {
        this.hasLostEvents = true;
        this.accounting.eventsLost();
      },
    });
    this.ended = this.feed.ended;
  }

  /**
   * Subscribes to events, then reads the sockets. Everything counts from when this resolves.
   * @throws NetlinkError `unavailable`, `not-permitted` for another namespace, and the errors of dumps
   */
  static async open(
    namespace: NetworkNamespace | undefined,
    resolver: SocketResolver,
  ): Promise<SocketAccount> {
    const opened: NetlinkSocket[] = [];
    const open = async (options: {
      groups?: number[];
      receiveBufferBytes?: number;
    }): Promise<NetlinkSocket> => {
      const socket = await openNetlink({ protocol: NETLINK_PROTOCOL.sockDiag, namespace, ...options });
      opened.push(socket);
      return socket;
    };
    try {
      // Reliable delivery is not requested, as sock_diag ignores if its events were received.
      const groups = [SOCK_DIAG_GROUP.ipv4TcpDestroy, SOCK_DIAG_GROUP.ipv6TcpDestroy];
      const events = await open({ groups, receiveBufferBytes: EVENT_BUFFER_BYTES });
      const account = new SocketAccount(resolver, {
        events,
        dumps: await open({}),
        questions: await open({}),
      });
      resolver.ephemeralPorts = await ephemeralPortsIn(namespace);
      return await started(account, () => account.settle());
    } catch (error) {
      await Promise.all(opened.map((socket) => socket.close()));
      throw error;
    }
  }

  /** True if any connection has received anything. */
  get hasSeenAny(): boolean {
    return this.hasLostEvents || this.endedSockets.hasSeenAny;
  }

  /** @throws HostflowError if the kernel does not answer any more */
  async interval({ isLast }: { isLast: boolean }): Promise<AccountedInterval> {
    await orEnd(() => orFail('sockets', () => (isLast ? this.settle() : this.round())));
    return this.accounting.interval(performance.now());
  }

  async close(): Promise<void> {
    const { dumps, questions } = this.sockets;
    await Promise.all([this.feed.close(), dumps.close(), questions.close()]);
  }

  private settle(): Promise<void> {
    return settle(() => this.round(), this.accounting);
  }

  /** Takes a dump between two looks at the events. */
  private async round(): Promise<void> {
    const { accounting, endedSockets } = this;
    await this.resolver.prepare();
    this.feed.drain();
    accounting.beginDump(Date.now());
    endedSockets.beginDump();
    await this.dumpListeners();
    // A dump of a long hash chain goes by position, and can miss a socket behind one that leaves. The base must miss none.
    for (let times = accounting.isStarted ? 1 : 2; times > 0; times--) await this.dumpLive();
    accounting.endDump({ complete: true });
    if (!accounting.isStarted) endedSockets.baseIs(performance.now());
    await this.awaitEvents();
    accounting.eventsProcessed();
  }

  private async awaitEvents(): Promise<void> {
    let quiet = 0;
    for (let looks = 0; quiet < SETTLING.quietLooks && looks < SETTLING.mostLooks; looks++) {
      const { eventsSeen } = this;
      await sleep(SETTLING.milliseconds);
      this.feed.drain();
      quiet = this.eventsSeen === eventsSeen ? quiet + 1 : 0;
    }
  }

  private async dumpListeners(): Promise<void> {
    this.resolver.forgetListeners();
    await this.dump(1 << LISTEN, (record) => {
      this.resolver.addListener(record);
    });
  }

  private async dumpLive(): Promise<void> {
    const { accounting, resolver, endedSockets } = this;
    await this.dump(CONNECTED_STATES, (record) => {
      // A connection in FIN_WAIT2 can have lost its socket already.
      if (!record.hasInfo) return;
      const ends = resolver.endsOf(record);
      const accepted = endedSockets.remember(record, ends);
      if (!accepted && resolver.isWithinHost(ends)) return;
      const identity = resolver.identity(record);
      const payload = livePayload(record, !accepted, this.finMayHaveCome(identity, record));
      accounting.dumped(identity, { ends, accepted }, countersOf(record, payload));
    });
  }

  /** True if the received bytes may include the peer's FIN, as the record's state is older than its counts. */
  private finMayHaveCome(identity: string, record: DiagRecord): boolean {
    const { state, bytesReceived = 0 } = record;
    if (bytesReceived <= (this.accounting.known(identity)?.replyBytes ?? 0)) return false;
    return stateNow(this.asker, record, 'the socket') !== state;
  }

  private async dump(states: number, socket: (record: DiagRecord) => void): Promise<void> {
    // Repeated records do no harm.
    const visitor = { restart: () => undefined, socket };
    await dumpSockets(this.sockets.dumps, { family: 'both', protocol: 'tcp', states }, visitor);
  }
}

/** Opens an account by sockets. @throws SourceFailure if this source does not work here */
export async function followSockets(
  namespace: NetworkNamespace | undefined,
  host: KnownHost,
  failures: readonly Unreadable[],
): Promise<OpenedAccount & { account: SocketAccount }> {
  const account = await orFail('sockets', () => SocketAccount.open(namespace, new SocketResolver(host)));
  return { account, basis: { source: 'sockets', diagnostics: [whySockets(host.options.source, failures)] } };
}

/** The notice for an account by sockets. @param failures the reasons why conntrack does not work; none if it tracks nothing */
function whySockets(source: SourceChoice, failures: readonly Unreadable[]): Diagnostic {
  const bytes: SocketBytes = { known: true, overTime: true };
  if (source === 'sockets') return { code: 'sockets-over-time' };
  return failures.length === 0 ? { code: 'conntrack-empty', bytes } : fallbackDiagnostic(failures, bytes);
}
