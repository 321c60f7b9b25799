import { HOST_IS_LITTLE_ENDIAN } from '../message/byte-order.js';
import { EventReader } from '../event-reader.js';
import { MESSAGE_HEADER_BYTES } from '../message/message.js';
import type { NetworkNamespace } from '../socket/namespace.js';
import { NETLINK_PROTOCOL, openNetlink, type NetlinkSocket } from '../socket/netlink-socket.js';
import { encodeFilter, FILTER, WHOLE_MESSAGE } from '../socket/packet-filter.js';
import { RTMSG, RTN_LOCAL } from './dump-addresses.js';

/**
 * The groups of linux/rtnetlink.h that tell of local addresses: `RTNLGRP_LINK`, `RTNLGRP_IPV4_IFADDR`, `RTNLGRP_IPV4_ROUTE`,
 * `RTNLGRP_IPV6_IFADDR`, `RTNLGRP_IPV6_ROUTE`. Each is needed, as measured on Linux 6.18: a tentative IPv6 address has no route;
 * an any-IP prefix has no address; and where a link is deleted, the kernel tells of its IPv4 any-IP prefixes by the link alone.
 */
const GROUPS = [1, 5, 7, 9, 11] as const;

/** `RTM_NEWLINK`, `RTM_NEWROUTE`, `RTM_DELROUTE`: those of the groups' messages that need not concern addresses. */
const EVENT = { newLink: 16, newRoute: 24, deletedRoute: 25 } as const;

/** A message's type as the filter loads it. */
function loaded(type: number): number {
  return HOST_IS_LITTLE_ENDIAN ? type << 8 : type;
}

/**
 * Drops routes that are not local, and links that appear or change, before they are queued. While a routing daemon changes
 * routes, this process does not even wake.
 */
export const LOCAL_CHANGES: Uint8Array = encodeFilter([
  [FILTER.loadHalf, 4],
  [FILTER.compare, loaded(EVENT.newLink), 5, 0],
  [FILTER.compare, loaded(EVENT.newRoute), 1, 0],
  [FILTER.compare, loaded(EVENT.deletedRoute), 0, 2],
  [FILTER.loadByte, MESSAGE_HEADER_BYTES + RTMSG.type],
  [FILTER.compare, RTN_LOCAL, 0, 1],
  [FILTER.queue, WHOLE_MESSAGE],
  [FILTER.queue, 0],
]);

/**
 * How often the events are looked for. A look takes microseconds. A wait in the background would take one of the four threads of
 * Node's pool for good, and these events are rare.
 */
const LOOK_MILLISECONDS = 100;
/** Room for a few small events. */
const DATAGRAMS = 4;
/** More batches than ever wait. */
const ALL_BATCHES = Number.MAX_SAFE_INTEGER;

/** Tells when the addresses or local routes of a network namespace may have changed. */
export class AddressFollower {
  private readonly socket: NetlinkSocket;
  private readonly onChange: () => void;
  private readonly reader: EventReader;
  private readonly timer: NodeJS.Timeout;
  private hasChanged = false;
  private failure: unknown;

  constructor(socket: NetlinkSocket, onChange: () => void) {
    this.socket = socket;
    this.onChange = onChange;
    const change = (): void => {
      this.hasChanged = true;
    };
    // The filter has left nothing but changes.
    this.reader = new EventReader(socket, { message: change, overrun: change }, DATAGRAMS);
    this.timer = setInterval(() => {
      this.lookAgain();
    }, LOOK_MILLISECONDS);
    // Whoever follows addresses does so beside other work: that decides when the process ends.
    this.timer.unref();
  }

  /**
   * Looks at once for changes that were not told yet, and tells them by `onChange`, before this returns.
   * @throws NetlinkError what ended the following; and as `EventReader.drain` does
   */
  look(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.reader.drain(ALL_BATCHES);
    if (!this.hasChanged) return;
    this.hasChanged = false;
    this.onChange();
  }

  /** Ends the following: `onChange` is not called any more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.socket.close();
  }

  private lookAgain(): void {
    try {
      this.look();
    } catch (error) {
      this.failure = error;
      clearInterval(this.timer);
    }
  }
}

/**
 * Follows the addresses and local routes of a network namespace. They are subscribed to when this is done: a dump
 * (`dumpLocalAddresses`, on a socket of its own) then misses nothing. No privilege is needed in this process's own namespace.
 * @param onChange called after a change of the local addresses, once for those that come together, and where events were
 *   lost. It may be called where nothing changed in the end, so dump and compare.
 * @throws NetlinkError as `openNetlink` does
 */
export async function followAddresses(
  namespace: NetworkNamespace | undefined,
  onChange: () => void,
): Promise<AddressFollower> {
  const socket = await openNetlink({
    protocol: NETLINK_PROTOCOL.route,
    namespace,
    groups: GROUPS,
    filter: LOCAL_CHANGES,
  });
  return new AddressFollower(socket, onChange);
}
