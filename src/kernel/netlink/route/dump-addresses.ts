import { addressText } from '../address.js';
import { findAttribute } from '../attribute.js';
import { dump } from '../dump-messages.js';
import { malformed } from '../netlink-error.js';
import type { MessageHeader } from '../message.js';
import type { NetlinkSocket } from '../netlink-socket.js';

/** linux/rtnetlink.h: what is asked, and as what the answers come. */
const ADDRESSES = { get: 22 /* RTM_GETADDR */, answer: 20 /* RTM_NEWADDR */ } as const;
const ROUTES = { get: 26 /* RTM_GETROUTE */, answer: 24 /* RTM_NEWROUTE */ } as const;
/** `struct ifaddrmsg`: family, prefix length, flags, scope, interface. */
const IFADDRMSG_BYTES = 8;
/** `struct rtmsg`: family, both prefix lengths, TOS, table, protocol, scope, type, flags. */
const RTMSG = { family: 0, destinationLength: 1, type: 7, bytes: 12 } as const;
const RTN_LOCAL = 2;
const IFA = { address: 1, local: 2 } as const;
const RTA_DST = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/** A route of type `local`: what the host answers to. */
export interface LocalRoute {
  address: string;
  prefixLength: number;
}

/**
 * The local IPv4 routes of every routing table, as `/proc/net/fib_trie` has them. `socket` is one of
 * `NETLINK_PROTOCOL.route`; needs no privilege.
 * @throws NetlinkError as `dump` does
 */
export async function dumpLocalRoutes(socket: NetlinkSocket): Promise<LocalRoute[]> {
  const body = new Uint8Array(RTMSG.bytes);
  body[RTMSG.family] = AF_INET;
  body[RTMSG.type] = RTN_LOCAL;
  let routes: LocalRoute[] = [];
  await dump(
    socket,
    { asked: 'local routes', type: ROUTES.get, body },
    {
      restart() {
        routes = [];
      },
      message(view, header) {
        expectType(header, ROUTES.answer);
        const route = readLocalRoute(view, header);
        if (route !== undefined) routes.push(route);
      },
    },
  );
  return routes;
}

/** The IPv6 addresses of all interfaces, as `/proc/net/if_inet6` has them. @throws NetlinkError as `dump` does */
export async function dumpIpv6Addresses(socket: NetlinkSocket): Promise<string[]> {
  const body = new Uint8Array(IFADDRMSG_BYTES);
  body[0] = AF_INET6;
  let addresses: string[] = [];
  await dump(
    socket,
    { asked: 'IPv6 addresses', type: ADDRESSES.get, body },
    {
      restart() {
        addresses = [];
      },
      message(view, header) {
        expectType(header, ADDRESSES.answer);
        const address = readIpv6Address(view, header);
        if (address !== undefined) addresses.push(address);
      },
    },
  );
  return addresses;
}

/** The route in a message, where it is a local one of IPv4. @throws NetlinkError `malformed` */
export function readLocalRoute(view: DataView, { bodyAt, end }: MessageHeader): LocalRoute | undefined {
  if (end - bodyAt < RTMSG.bytes)
    throw malformed(`${end - bodyAt} bytes where struct rtmsg has to be`, bodyAt);
  const family = view.getUint8(bodyAt + RTMSG.family);
  // Kernels that do not filter give all routes.
  if (family !== AF_INET || view.getUint8(bodyAt + RTMSG.type) !== RTN_LOCAL) return undefined;
  const destinationAt = findAttribute(view, bodyAt + RTMSG.bytes, end, RTA_DST, IPV4_BYTES);
  const prefixLength = view.getUint8(bodyAt + RTMSG.destinationLength);
  // A default route has no destination.
  const address = destinationAt < 0 ? '0.0.0.0' : addressText(view, destinationAt, IPV4_BYTES);
  return { address, prefixLength };
}

/** The address in a message, where it is one of IPv6. @throws NetlinkError `malformed` */
export function readIpv6Address(view: DataView, { bodyAt, end }: MessageHeader): string | undefined {
  if (end - bodyAt < IFADDRMSG_BYTES) {
    throw malformed(`${end - bodyAt} bytes where struct ifaddrmsg has to be`, bodyAt);
  }
  if (view.getUint8(bodyAt) !== AF_INET6) return undefined;
  const start = bodyAt + IFADDRMSG_BYTES;
  // Of a point-to-point link IFA_ADDRESS is the other end.
  const localAt = findAttribute(view, start, end, IFA.local, IPV6_BYTES);
  const at = localAt < 0 ? findAttribute(view, start, end, IFA.address, IPV6_BYTES) : localAt;
  return at < 0 ? undefined : addressText(view, at, IPV6_BYTES);
}

function expectType({ type, bodyAt }: MessageHeader, expected: number): void {
  if (type !== expected) throw malformed(`type ${type} where ${expected} has to be`, bodyAt);
}
