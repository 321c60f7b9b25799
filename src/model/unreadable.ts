import { AS_ROOT, option, type HostflowErrorCode, type NetlinkErrorCode } from './errors.js';
import { sanitizeText } from './sanitize.js';

/** The reason why one way of reading something failed. */
export type Unreadable =
  | { code: 'conntrack-missing'; path: string }
  | { code: 'conntrack-permission'; path: string }
  | { code: 'conntrack-failed'; path: string; reason: string }
  | { code: 'sockets-unreadable'; path: string; reason: string }
  | {
      code: 'netlink-failed';
      table: 'conntrack' | 'sockets' | 'addresses';
      failure: NetlinkErrorCode;
      reason: string;
    };

/** The kind of a failure, as far as the notices tell kinds apart. */
export function kindOf(failure: Unreadable): 'permission' | 'missing' | 'failed' {
  if (failure.code === 'conntrack-permission') return 'permission';
  if (failure.code === 'conntrack-missing') return 'missing';
  if (failure.code !== 'netlink-failed') return 'failed';
  switch (failure.failure) {
    case 'not-permitted':
    case 'namespace-denied':
      return 'permission';
    case 'not-installed':
    case 'unavailable':
    case 'refused': // The kernel refuses if the module is missing.
      return 'missing';
    default:
      return 'failed';
  }
}

/** The state of netlink, as far as a remedy depends on it. */
type Netlink = 'usable' | 'not-installed' | 'unavailable';

/** The lesser privilege that would do. */
const ENOUGH: Record<Netlink, () => string> = {
  usable: () => `; CAP_NET_ADMIN is enough for ${option('source')} netlink`,
  'not-installed': () => '; CAP_NET_ADMIN is enough with the package koffi (npm install koffi)',
  unavailable: () => '',
};

/** Describes why something could not be read, and the remedy. */
export function describeUnreadable(failure: Unreadable, netlink: Netlink = 'usable'): string {
  switch (failure.code) {
    case 'conntrack-missing':
      return (
        `there is no ${shown(failure.path)}; load connection tracking (modprobe nf_conntrack), ` +
        `or, if the kernel lacks this file, pipe "conntrack -L" into ${option('stdin')}`
      );
    case 'conntrack-permission':
      return `permission denied on ${shown(failure.path)}, which needs root (${AS_ROOT})${ENOUGH[netlink]()}`;
    case 'conntrack-failed':
    case 'sockets-unreadable':
      return `cannot read ${shown(failure.path)}: ${shown(failure.reason)}`;
    case 'netlink-failed':
      // The place of the refusal adds nothing to the cause.
      return failure.failure === 'not-permitted'
        ? `netlink: operation not permitted; it needs root or CAP_NET_ADMIN (${AS_ROOT})`
        : `netlink: ${shown(failure.reason)}${netlinkRemedy(failure)}`;
  }
}

function netlinkRemedy({ table, failure }: Extract<Unreadable, { code: 'netlink-failed' }>): string {
  switch (failure) {
    case 'namespace-denied':
      return ` (${AS_ROOT})`;
    case 'refused':
      return ` (modprobe ${table === 'conntrack' ? 'nf_conntrack_netlink' : 'tcp_diag udp_diag'})`;
    case 'not-installed':
      return ' (npm install koffi)';
    default:
      return '';
  }
}

/** The cause code for several failures: that of the most telling one. */
export function failureCode(failures: readonly Unreadable[]): HostflowErrorCode {
  const kinds = failures.map(kindOf);
  if (kinds.includes('permission')) return 'permission';
  return kinds.includes('failed') || kinds.length === 0 ? 'failed' : 'missing';
}

/** Describes several failures, each once. Failures that tell least are left out if there are others. */
export function describeFailures(failures: readonly Unreadable[]): string {
  const file = failures.find((failure) => failure.code === 'conntrack-permission');
  const netlink = failures.find(isConntrackNotPermitted);
  if (file !== undefined && netlink !== undefined && failures.length === 2) {
    return (
      `permission denied by netlink, which needs CAP_NET_ADMIN, and on ${shown(file.path)}, ` +
      `which needs root (${AS_ROOT})`
    );
  }
  const telling = failures.filter((failure) => !wasNothingAsked(failure));
  const texts = (telling.length > 0 ? telling : failures).map((failure) =>
    describeUnreadable(failure, netlinkAmong(failures)),
  );
  return [...new Set(texts)].join('; ');
}

function netlinkAmong(failures: readonly Unreadable[]): Netlink {
  const codes = failures.map((failure) => (failure.code === 'netlink-failed' ? failure.failure : undefined));
  if (codes.includes('not-installed')) return 'not-installed';
  return codes.includes('unavailable') ? 'unavailable' : 'usable';
}

/** True if netlink cannot be used here at all. */
function wasNothingAsked(failure: Unreadable): boolean {
  return (
    failure.code === 'netlink-failed' &&
    (failure.failure === 'not-installed' || failure.failure === 'unavailable')
  );
}

/** True if the kernel refused to list conntrack because this process lacks CAP_NET_ADMIN. */
function isConntrackNotPermitted(failure: Unreadable): boolean {
  return (
    failure.code === 'netlink-failed' && failure.table === 'conntrack' && failure.failure === 'not-permitted'
  );
}

/** Paths and system messages, safe for a terminal. */
function shown(text: string): string {
  return sanitizeText(text);
}
