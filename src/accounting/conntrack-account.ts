import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFlow } from '../flows/host-flow.js';
import { CONNTRACK_GROUP, CONNTRACK_MESSAGE, dumpConntrack } from '../netlink/conntrack/dump.js';
import { ConntrackRecord } from '../netlink/conntrack/record.js';
import type { NetworkNamespace } from '../netlink/namespace.js';
import { NETLINK_PROTOCOL, openNetlink, type NetlinkSocket } from '../netlink/socket.js';
import type { SeeingAccount } from './account.js';
import { Accounting, type AccountingInterval } from './accounting.js';
import { EventFeed } from './event-feed.js';
import type { FlowResolver } from './flow-resolver.js';

/** Room for the events of some hundred thousand entries that end at once, or while this process is stopped. */
const EVENT_BUFFER_BYTES = 256 * 1024 * 1024;
/** How many dumps in a row may settle what the last one left open. */
const MOST_ROUNDS = 5;
/** Between two such dumps: the kernel sends what found no room again after some milliseconds. */
const SETTLING_MILLISECONDS = 30;

/** Keeps account of the connections of a network namespace, by DESTROY events and dumps of ctnetlink. */
export class ConntrackAccount implements SeeingAccount {
  readonly ended: Promise<void>;
  private hasSeen = false;
  private readonly resolver: FlowResolver;
  private readonly dumps: NetlinkSocket;
  private readonly feed: EventFeed;
  private readonly accounting: Accounting<ConntrackRecord, HostFlow>;
  private readonly record = new ConntrackRecord();

  private constructor(resolver: FlowResolver, events: NetlinkSocket, dumps: NetlinkSocket) {
    this.resolver = resolver;
    this.dumps = dumps;
    this.accounting = new Accounting({ resolve: resolver.resolveRecord, hasEvents: true });
    this.feed = new EventFeed(events, {
      message: (view, header) => {
        if (header.type !== CONNTRACK_MESSAGE.delete) return;
        this.record.read(view, header.bodyAt, header.end);
        this.destroyed(this.record);
      },
      overrun: () => {
        this.hasSeen = true;
        this.accounting.eventsLost();
      },
    });
    this.ended = this.feed.ended;
  }

  /**
   * Subscribes first and reads the table then: from when this resolves, everything counts.
   * @throws NetlinkError `not-permitted` without CAP_NET_ADMIN, `unavailable`, and as dumps do
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
      const account = new ConntrackAccount(resolver, events, dumps);
      try {
        await account.settle();
        return account;
      } catch (error) {
        await account.close();
        throw error;
      }
    } catch (error) {
      await events.close();
      throw error;
    }
  }

  /** Whether there was any entry: the namespace tracks then. */
  get hasSeenAny(): boolean {
    return this.hasSeen;
  }

  /** @throws NetlinkError */
  async interval({ isLast }: { isLast: boolean }): Promise<AccountingInterval<HostFlow>> {
    if (isLast) await this.settle();
    else await this.round();
    return this.accounting.interval();
  }

  async close(): Promise<void> {
    await Promise.all([this.feed.close(), this.dumps.close()]);
  }

  private async settle(): Promise<void> {
    await this.round();
    for (let rounds = 1; this.accounting.needsDump && rounds < MOST_ROUNDS; rounds++) {
      await sleep(SETTLING_MILLISECONDS);
      await this.round();
    }
  }

  /** A dump between two looks at the events. */
  private async round(): Promise<void> {
    const { accounting, resolver } = this;
    this.feed.drain();
    accounting.beginDump(Date.now());
    await dumpConntrack(this.dumps, {
      // Repeated records do no harm, and those of a dump that is not repeated are true.
      restart: () => undefined,
      entry: (record) => {
        this.hasSeen = true;
        accounting.dumped(resolver.identity(record), record, resolver.counters(record));
      },
    });
    accounting.endDump({ complete: true });
    this.feed.drain();
    accounting.eventsProcessed();
  }

  private destroyed(record: ConntrackRecord): void {
    const { accounting, resolver } = this;
    this.hasSeen = true;
    accounting.destroyed(resolver.identity(record), record, resolver.counters(record));
  }
}
