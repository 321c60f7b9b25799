import { HOST_IS_LITTLE_ENDIAN } from '../message/byte-order.js';
import { EventReader } from '../event-reader.js';
import { MESSAGE_HEADER_BYTES } from '../message/message.js';
import type { NetworkNamespace } from '../socket/namespace.js';
import { NETLINK_PROTOCOL, openNetlink, type NetlinkSocket } from '../socket/netlink-socket.js';
import { encodeFilter, FILTER, WHOLE_MESSAGE } from '../socket/packet-filter.js';
import { RTMSG, RTN_LOCAL } from './dump-addresses.js';

/**
 * The groups of linux/rtnetlink.h that tell of local addresses: `RTNLGRP_LINK`, `RTNLGRP_IPV4_IFADDR`, `RTNLGRP_IPV4_ROUTE`,
 * `RTNLGRP_IPV6_IFADDR`, `RTNLGRP_IPV6_ROUTE`. Measured on Linux 6.18, each is needed:
 * - A tentative IPv6 address has no route, and an any-IP prefix has no address.
 * - A link that is deleted takes its IPv4 any-IP prefixes with it. The kernel then reports the link alone.
 */
const GROUPS = [1, 5, 7, 9, 11] as const;

/** `RTM_NEWLINK`, `RTM_NEWROUTE`, `RTM_DELROUTE`: the messages that need not concern local addresses. */
const EVENT = { newLink: 16, newRoute: 24, deletedRoute: 25 } as const;

/** The number that the filter loads for a message type. */
function loaded(type: number): number {
  return HOST_IS_LITTLE_ENDIAN ? type << 8 : type;
}

/**
 * Has the kernel drop routes that are not local, and links that appear or change, instead of queueing them. While a routing
 * daemon changes 500,000 routes, this process gets no message.
 * @internal
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
 * The time between two looks for events. A look takes microseconds. A wait in the background would hold one of the four threads
 * of Node's pool all the time, for events that are rare.
 */
const LOOK_MILLISECONDS = 100;
/** Room for a few small events. */
const DATAGRAMS = 4;
/** More batches than can wait. */
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
    // The filter passes nothing but changes.
    this.reader = new EventReader(socket, { message: change, overrun: change }, DATAGRAMS);
    this.timer = setInterval(() => {
      this.lookAgain();
    }, LOOK_MILLISECONDS);
    // Addresses are followed beside other work, and that work decides when the process ends.
    this.timer.unref();
  }

  /**
   * Looks for changes at once. If there are any, it calls `onChange` before it returns.
   * @throws NetlinkError the failure that ended the following, if there was one; `closed`, `call-failed`, `malformed`
   */
  look(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.reader.drain(ALL_BATCHES);
    if (!this.hasChanged) return;
    this.hasChanged = false;
    this.onChange();
  }

  /** Ends the following. `onChange` is not called again. */
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
 * Follows the addresses and local routes of a network namespace. The kernel reports changes from the moment that the promise
 * resolves: dump afterwards, with `dumpLocalAddresses` on another socket. No privilege is needed in this process's own
 * namespace.
 * @param onChange called within 0.1 s of a change, once for changes that come together, and after events were lost. The result of
 *   a dump may still be the same as before.
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
