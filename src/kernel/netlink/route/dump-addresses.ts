import { addressText, findAttribute } from '../message/attribute.js';
import type { Asker } from '../asker.js';
import type { MessageVisitor } from '../message/dump-reader.js';
import { malformed, NetlinkError } from '../netlink-error.js';
import type { MessageHeader } from '../message/message.js';
import type { LocalRoute } from '../../procfs/fib-trie.js';

/** linux/rtnetlink.h: each request, and the type of its answers. */
const ROUTES = { get: 26 /* RTM_GETROUTE */, answer: 24 /* RTM_NEWROUTE */ } as const;
const ADDRESSES = { get: 22 /* RTM_GETADDR */, answer: 20 /* RTM_NEWADDR */ } as const;
const ANYCAST = { get: 62 /* RTM_GETANYCAST, which answers bear as well */, answer: 62 } as const;

/** `struct rtmsg`: family, both prefix lengths, TOS, table, protocol, scope, type, flags. */
export const RTMSG = { family: 0, destinationLength: 1, type: 7, bytes: 12 } as const;
/** The type of the routes to the host itself. Routes to its anycast addresses have a type of their own. */
export const RTN_LOCAL = 2;
const RTN_BROADCAST = 3;
const RTA_DST = 1;
/** The most dumps of a table that changes meanwhile. */
const MAX_ATTEMPTS = 5;
/** `struct ifaddrmsg`: family, prefix length, flags, scope, interface. */
const IFADDRMSG_BYTES = 8;
const IFA = { address: 1, local: 2, anycast: 5 } as const;

/** `AF_INET` and `AF_INET6`, the length of an address, and the destination of a route that names none. */
const FAMILIES = {
  ipv4: { number: 2, bytes: 4, everything: '0.0.0.0' },
  ipv6: { number: 10, bytes: 16, everything: '::' },
} as const;

/**
 * The addresses and prefixes that the host answers to, each once: the local routes of every routing table, and the IPv6
 * addresses that have no such route. Any-IP prefixes are among them, and the `0.0.0.0/0` or `::/0` of a transparent proxy.
 * Multicast groups are not. Measured on Linux 6.18:
 * - Every IPv4 address has a local route, also while its link is down.
 * - A deprecated IPv6 address has a local route. A tentative address has none.
 * - An anycast address of IPv6 has a route of the type RTN_ANYCAST instead.
 *
 * The socket of `asker` is one of `NETLINK_PROTOCOL.route` without groups. With `filteredDumps` the kernel skips all other routes.
 * No privilege is needed. The dumps are made at once: they are small, and a hop to another thread costs more than they do.
 * @throws NetlinkError as `dump` does
 */
export function dumpLocalAddresses(asker: Asker): LocalRoute[] {
  const found = [
    ...dumpLocalRoutes(asker, 'ipv4'),
    ...dumpLocalRoutes(asker, 'ipv6'),
    ...dumpIpv6Addresses(asker),
    ...dumpAnycastAddresses(asker),
  ];
  return [
    ...new Map(found.map((route) => [`${route.address}/${route.prefixLength}`, route] as const)).values(),
  ];
}

/** The broadcast addresses of the host's networks (IPv4). It takes the same socket as {@link dumpLocalAddresses}. */
export function dumpBroadcasts(asker: Asker): string[] {
  return dumpRoutes(asker, 'ipv4', RTN_BROADCAST).map(({ address }) => address);
}

function dumpLocalRoutes(asker: Asker, family: keyof typeof FAMILIES): LocalRoute[] {
  return dumpRoutes(asker, family, RTN_LOCAL);
}

function dumpRoutes(asker: Asker, family: keyof typeof FAMILIES, type: number): LocalRoute[] {
  const body = new Uint8Array(RTMSG.bytes);
  body[RTMSG.family] = FAMILIES[family].number;
  body[RTMSG.type] = type;
  return collect(asker, `${family} routes of type ${type}`, ROUTES, body, (view, header) =>
    readRoute(view, header, family, type),
  );
}

function dumpIpv6Addresses(asker: Asker): LocalRoute[] {
  return collect(asker, 'IPv6 addresses', ADDRESSES, ipv6AddressRequest(), readIpv6Address);
}

function dumpAnycastAddresses(asker: Asker): LocalRoute[] {
  try {
    return collect(asker, 'anycast addresses', ANYCAST, ipv6AddressRequest(), readIpv6Address);
  } catch (error) {
    // A kernel without IPv6 refuses this request (EOPNOTSUPP). It answers the other requests with what it has of IPv4.
    if (error instanceof NetlinkError && error.code === 'refused') return [];
    throw error;
  }
}

function ipv6AddressRequest(): Uint8Array {
  const body = new Uint8Array(IFADDRMSG_BYTES);
  body[0] = FAMILIES.ipv6.number;
  return body;
}

/** Dumps a table. `read` gives undefined for a message that does not count. */
function collect(
  asker: Asker,
  asked: string,
  { get, answer }: { get: number; answer: number },
  body: Uint8Array,
  read: (...message: Parameters<MessageVisitor>) => LocalRoute | undefined,
): LocalRoute[] {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const routes: LocalRoute[] = [];
    const state = asker.dump({ asked, type: get, body }, (view, header) => {
      if (header.type !== answer)
        throw malformed(`type ${header.type} where ${answer} has to be`, header.bodyAt);
      const route = read(view, header);
      if (route !== undefined) routes.push(route);
    });
    if (state === 'complete') return routes;
  }
  throw new NetlinkError('interrupted', `${asked}: the table changed during each of ${MAX_ATTEMPTS} dumps`);
}

/**
 * The route in a message; undefined unless it is a route of the family and type.
 * @throws NetlinkError `malformed`
 * @internal
 */
export function readRoute(
  view: DataView,
  { bodyAt, end }: MessageHeader,
  family: keyof typeof FAMILIES,
  type: number = RTN_LOCAL,
): LocalRoute | undefined {
  if (end - bodyAt < RTMSG.bytes)
    throw malformed(`${end - bodyAt} bytes where struct rtmsg has to be`, bodyAt);
  const { number, bytes, everything } = FAMILIES[family];
  // A kernel before 4.20 does not filter and gives all routes. A kernel without the family gives the routes of the others.
  if (view.getUint8(bodyAt + RTMSG.family) !== number) return undefined;
  if (view.getUint8(bodyAt + RTMSG.type) !== type) return undefined;
  const destinationAt = findAttribute(view, bodyAt + RTMSG.bytes, end, RTA_DST, bytes);
  const prefixLength = view.getUint8(bodyAt + RTMSG.destinationLength);
  return { address: destinationAt < 0 ? everything : addressText(view, destinationAt, bytes), prefixLength };
}

/**
 * The address in a message about a unicast or anycast address; undefined unless it is one of IPv6.
 * @throws NetlinkError `malformed`
 * @internal
 */
export function readIpv6Address(view: DataView, { bodyAt, end }: MessageHeader): LocalRoute | undefined {
  if (end - bodyAt < IFADDRMSG_BYTES) {
    throw malformed(`${end - bodyAt} bytes where struct ifaddrmsg has to be`, bodyAt);
  }
  const { number, bytes } = FAMILIES.ipv6;
  if (view.getUint8(bodyAt) !== number) return undefined;
  const start = bodyAt + IFADDRMSG_BYTES;
  // On a point-to-point link IFA_LOCAL is this end, and IFA_ADDRESS the other end.
  for (const type of [IFA.local, IFA.address, IFA.anycast]) {
    const at = findAttribute(view, start, end, type, bytes);
    if (at >= 0) return { address: addressText(view, at, bytes), prefixLength: 8 * bytes };
  }
  return undefined;
}
