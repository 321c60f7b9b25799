import { performance } from 'node:perf_hooks';
import {
  CONNTRACK_GROUP,
  CONNTRACK_MESSAGE,
  dumpConntrack,
} from '../../kernel/netlink/conntrack/dump-entries.js';
import { ConntrackRecord } from '../../kernel/netlink/conntrack/conntrack-record.js';
import type { NetworkNamespace } from '../../kernel/netlink/socket/namespace.js';
import {
  NETLINK_PROTOCOL,
  openNetlink,
  type NetlinkSocket,
} from '../../kernel/netlink/socket/netlink-socket.js';
import { orFail } from './netlink-failure.js';
import { orEnd, settle, started, type OpenedAccount, type SeeingAccount } from '../opened-account.js';
import { TCP } from '../../engine/connection.js';
import { Accounting, type AccountedInterval } from '../../engine/accounting/accounting.js';
import { EventFeed } from './event-feed.js';
import type { Diagnostic } from '../../model/diagnostics.js';
import { LooksBetween } from '../looks-between.js';
import { commandPrefix } from '../source-options.js';
import { readNamespaceFiles } from '../../kernel/netlink/socket/namespace-files.js';
import { FlowResolver } from '../flow-resolver.js';
import type { KnownHost } from '../known-host.js';

/** Room for the events of some hundred thousand entries, which may end at once or while this process is stopped. */
const EVENT_BUFFER_BYTES = 256 * 1024 * 1024;
/** The time between two dumps that settle open records. The kernel repeats events without room after some milliseconds. */
const SETTLING_MILLISECONDS = 30;

/** The setting of events, below `/proc/sys/`, and its values: none, all, and those of entries that a listener saw begin. */
const EVENTS_FILE = 'net/netfilter/nf_conntrack_events';
const EVENTS = { none: '0', all: '1' } as const;
/**
 * The time from look to look at entries that are older than the listener. Their end is not reported. Before they go they stay at least
 * 10 seconds in the table (`nf_conntrack_tcp_timeout_close`), and carry nothing any more.
 */
const LOOK_MILLISECONDS = 4000;
/** The same if there are no events at all. */
const POLL_SECONDS = 1;

/** `enum tcp_conntrack` */
const STATE = { timeWait: 7, close: 8 } as const;

/** Keeps account of the connections of a network namespace, by DESTROY events and dumps of ctnetlink. */
export class ConntrackAccount implements SeeingAccount {
  readonly ended: Promise<void>;
  /** Fulfilled when there is an entry. The namespace tracks then. */
  readonly seen: Promise<void>;
  private hasSeen = false;
  private fulfilSeen: () => void = () => undefined;
  private readonly resolver: FlowResolver;
  private readonly dumps: NetlinkSocket;
  private readonly feed: EventFeed;
  private readonly accounting: Accounting<ConntrackRecord>;
  private readonly record = new ConntrackRecord();
  private readonly looks: LooksBetween;
  /** True if the kernel reports the ends of entries. Else the table is polled. */
  readonly hasEvents: boolean;

  private constructor(resolver: FlowResolver, events: NetlinkSocket, dumps: NetlinkSocket, setting: string) {
    this.resolver = resolver;
    this.dumps = dumps;
    this.hasEvents = setting !== EVENTS.none;
    this.seen = new Promise((resolve) => {
      this.fulfilSeen = resolve;
    });
    this.accounting = new Accounting({
      resolve: resolver.resolveRecord,
      onForget: resolver.release,
      hasEvents: this.hasEvents,
    });
    this.looks = new LooksBetween(() => orEnd(() => orFail('conntrack', () => this.round())), {
      milliseconds: this.hasEvents ? LOOK_MILLISECONDS : POLL_SECONDS * 1000,
      isPaced: true,
      isDue: () => !this.hasEvents || (setting !== EVENTS.all && this.accounting.hasOlderEntries),
    });
    this.feed = new EventFeed(events, {
      message: (view, header) => {
        if (header.type !== CONNTRACK_MESSAGE.delete) return;
        this.record.read(view, header.bodyAt, header.end);
        this.destroyed(this.record);
      },
      overrun: () => {
        this.see();
        this.accounting.eventsLost();
      },
    });
    this.ended = this.feed.ended;
  }

  /**
   * Subscribes to events, then reads the table. Everything counts from when this resolves.
   * @throws NetlinkError `not-permitted` without CAP_NET_ADMIN, `unavailable`, and the errors of dumps
   */
  static async open(
    namespace: NetworkNamespace | undefined,
    resolver: FlowResolver,
  ): Promise<ConntrackAccount> {
    const events = await openNetlink({
      protocol: NETLINK_PROTOCOL.netfilter,
      namespace,
      groups: [CONNTRACK_GROUP.destroy],
      receiveBufferBytes: EVENT_BUFFER_BYTES,
      reliableEvents: true,
    });
    try {
      const dumps = await openNetlink({ protocol: NETLINK_PROTOCOL.netfilter, namespace });
      const [setting = ''] = await readNamespaceFiles(namespace, [`sys/${EVENTS_FILE}`]);
      const account = new ConntrackAccount(resolver, events, dumps, setting.trim());
      return await started(account, () => account.settle());
    } catch (error) {
      await events.close();
      throw error;
    }
  }

  /** True if there was any entry. The namespace tracks then. */
  get hasSeenAny(): boolean {
    return this.hasSeen;
  }

  /** @throws HostflowError if the kernel does not answer any more */
  async interval({ isLast }: { isLast: boolean }): Promise<AccountedInterval> {
    return await this.looks.alone(async () => {
      await orEnd(() => orFail('conntrack', () => (isLast ? this.settle() : this.round())));
      return this.accounting.interval(performance.now());
    });
  }

  async close(): Promise<void> {
    await this.looks.close();
    await Promise.all([this.feed.close(), this.dumps.close()]);
  }

  private settle(): Promise<void> {
    return settle(() => this.round(), this.accounting, SETTLING_MILLISECONDS);
  }

  /**
   * Takes a dump between two looks at the events. New connections whose direction sockets may correct are left for a second dump,
   * after the sockets were read.
   */
  private async round(): Promise<void> {
    await this.resolver.prepare();
    this.feed.drain();
    const areInDoubt = await this.dump(true);
    if (areInDoubt) {
      await this.resolver.readSockets();
      await this.dump(false);
    }
    this.feed.drain();
    this.accounting.eventsProcessed();
  }

  /** @returns true if new connections were left out because the sockets have to be read first */
  private async dump(leavesDoubts: boolean): Promise<boolean> {
    const { accounting, resolver } = this;
    let areInDoubt = false;
    accounting.beginDump(Date.now());
    await dumpConntrack(this.dumps, {
      // Nothing is undone: repeated records do no harm, and those of the interrupted dump are true.
      restart: () => undefined,
      entry: (record) => {
        this.see();
        const identity = resolver.identity(record);
        if (leavesDoubts && !accounting.isTracked(identity) && resolver.isInDoubt(record)) {
          areInDoubt = true;
          return;
        }
        accounting.dumped(identity, record, resolver.counters(record), isOpen(record));
      },
    });
    accounting.endDump({ complete: !areInDoubt });
    return areInDoubt;
  }

  private see(): void {
    if (this.hasSeen) return;
    this.hasSeen = true;
    this.fulfilSeen();
  }

  private destroyed(record: ConntrackRecord): void {
    const { accounting, resolver } = this;
    this.see();
    accounting.destroyed(resolver.identity(record), record, resolver.counters(record));
  }
}

/** False for an entry whose connection has ended: nothing flows in TIME_WAIT and CLOSE. */
function isOpen({ original, state }: ConntrackRecord): boolean {
  return original.protocolNumber !== TCP || (state !== STATE.timeWait && state !== STATE.close);
}

/** Opens an account by conntrack. @throws SourceFailure if this source does not work here */
export async function followConntrack(
  namespace: NetworkNamespace | undefined,
  host: KnownHost,
): Promise<OpenedAccount & { account: ConntrackAccount }> {
  const account = await orFail('conntrack', async () =>
    ConntrackAccount.open(namespace, await FlowResolver.open(host)),
  );
  if (account.hasEvents) return { account, basis: { source: 'conntrack', diagnostics: [] } };
  const enter = commandPrefix(host.options);
  const polled: Diagnostic = { code: 'conntrack-polled', failures: [], seconds: POLL_SECONDS, enter };
  return { account, basis: { source: 'polling', diagnostics: [polled] } };
}
