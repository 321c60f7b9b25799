import type { ParseError } from '../../parsers/parse-error.js';
import { option, type HostflowErrorCode, type NetlinkErrorCode } from './errors.js';
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

/**
 * The state of the sockets' bytes. `overTime` means that ended sockets are counted too. `reason` says why the bytes are unknown, if
 * a source could have told them.
 */
export type SocketBytes = { known: true; overTime?: true } | { known: false; reason?: string };

/** The listing shows sockets because no source of conntrack worked. */
interface Fallback {
  failures: readonly Unreadable[];
  bytes: SocketBytes;
}

/**
 * The warnings, as a closed list. `docs/errors.md` has a row for each, and {@link describeDiagnostic} has its text and remedy.
 */
export type Diagnostic =
  | ({ code: 'conntrack-missing' } & Fallback)
  | ({ code: 'conntrack-permission' } & Fallback)
  | ({ code: 'conntrack-failed' } & Fallback)
  | { code: 'conntrack-empty'; bytes: SocketBytes }
  | { code: 'nothing-seen' }
  | { code: 'conntrack-polled'; failures: readonly Unreadable[]; seconds: number }
  | {
      code: 'accounting-off';
      entries: number;
      withoutCounters: number;
      setting: 'off' | 'on' | 'unknown';
      /** The prefix that makes a command run in the namespace that was read; empty for this process's own. */
      enter: string;
    }
  | { code: 'sockets-unreadable'; failure: Unreadable }
  | { code: 'sockets-payload' }
  | { code: 'sockets-over-time' }
  | { code: 'sockets-without-bytes'; reason: string }
  | { code: 'malformed-lines'; where: string; count: number; firstLine: number; firstError: ParseError }
  | { code: 'no-local-address'; given: boolean }
  | { code: 'all-loopback' };

/** A {@link Diagnostic}'s code. */
export type DiagnosticCode = Diagnostic['code'];

/** The notice for a listing of sockets, if no source of conntrack worked. */
export function fallbackDiagnostic(failures: readonly Unreadable[], bytes: SocketBytes): Diagnostic {
  const kinds = failures.map(kindOf);
  if (kinds.includes('permission')) return { code: 'conntrack-permission', failures, bytes };
  if (kinds.includes('failed')) return { code: 'conntrack-failed', failures, bytes };
  return { code: 'conntrack-missing', failures, bytes };
}

function kindOf(failure: Unreadable): 'permission' | 'missing' | 'failed' {
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

/** Describes why something could not be read, and the remedy. */
export function describeUnreadable(failure: Unreadable): string {
  switch (failure.code) {
    case 'conntrack-missing':
      return (
        `no ${shown(failure.path)}: connection tracking is not loaded (modprobe nf_conntrack), ` +
        `or the kernel lacks this file (pipe "conntrack -L" into ${option('stdin')})`
      );
    case 'conntrack-permission':
      return (
        `permission denied on ${shown(failure.path)}: reading it needs root (sudo hostflow); ` +
        `with CAP_NET_ADMIN alone, read by netlink (${option('source')} netlink)`
      );
    case 'conntrack-failed':
    case 'sockets-unreadable':
      return `cannot read ${shown(failure.path)}: ${shown(failure.reason)}`;
    case 'netlink-failed':
      return `netlink: ${shown(failure.reason)}${netlinkRemedy(failure)}`;
  }
}

function netlinkRemedy({ table, failure }: Extract<Unreadable, { code: 'netlink-failed' }>): string {
  switch (failure) {
    case 'namespace-denied':
      return ' (sudo hostflow)';
    case 'not-permitted':
      return '; it needs root or CAP_NET_ADMIN (sudo hostflow)';
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
      'which needs root (sudo hostflow)'
    );
  }
  const telling = failures.filter((failure) => !wasNothingAsked(failure));
  return [...new Set((telling.length > 0 ? telling : failures).map(describeUnreadable))].join('; ');
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

const NO_RULE = 'no firewall rule uses ct (add an nft rule with "ct state")';

const PAYLOAD_OVER_TIME =
  'payload of TCP connections, without headers; UDP sockets keep no figures and are not shown';

function describeBytes(bytes: SocketBytes): string {
  if (bytes.known && bytes.overTime === true) return `their bytes are the ${PAYLOAD_OVER_TIME}`;
  if (bytes.known) return 'their bytes are the payload of live TCP connections';
  return bytes.reason === undefined ? 'bytes unknown' : `bytes unknown (${shown(bytes.reason)})`;
}

/** Describes a notice in one line: the fact first, the remedy last. */
export function describeDiagnostic(diagnostic: Diagnostic): string {
  switch (diagnostic.code) {
    case 'conntrack-missing':
    case 'conntrack-permission':
    case 'conntrack-failed': {
      const { failures, bytes } = diagnostic;
      return `${describeFailures(failures)}; counting sockets instead, ${describeBytes(bytes)}`;
    }
    case 'conntrack-empty':
      return (
        `connection tracking is loaded but tracks nothing: ${NO_RULE}, ` +
        `or there was no traffic yet; what is shown are sockets, ${describeBytes(diagnostic.bytes)}`
      );
    case 'nothing-seen':
      return (
        'connection tracking is loaded and had no entry, and there was no TCP connection: nothing flowed, or only UDP and ' +
        `other traffic on a host that tracks nothing, where ${NO_RULE}`
      );
    case 'conntrack-polled':
      return describePolled(diagnostic);
    case 'accounting-off':
      return describeAccounting(diagnostic);
    case 'sockets-unreadable':
      return `${describeUnreadable(diagnostic.failure)}; its sockets are not shown, nor do they settle directions`;
    case 'sockets-payload':
      return 'bytes of sockets: payload of live TCP connections, without headers; packets are segments';
    case 'sockets-over-time':
      return `bytes of sockets: ${PAYLOAD_OVER_TIME}; packets are segments`;
    case 'sockets-without-bytes':
      return `bytes of sockets are unknown: ${shown(diagnostic.reason)}`;
    case 'malformed-lines':
      return describeMalformed(diagnostic);
    case 'all-loopback':
      return (
        `the addresses given by ${option('local')} hold both ends of every entry: all are within the host, and hidden ` +
        `(${option('loopback')} shows them; name fewer addresses for the view of one host)`
      );
    case 'no-local-address':
      return diagnostic.given
        ? `no entry touches an address given by ${option('local')} (check the addresses): every entry counts as forwarded`
        : `no entry touches a local address (name the addresses of the host it comes from with ${option('local')} ADDR|CIDR): ` +
            'every entry counts as forwarded';
  }
}

function describePolled({ failures, seconds }: Extract<Diagnostic, { code: 'conntrack-polled' }>): string {
  const why = failures.length === 0 ? '' : `${describeFailures(failures)}; `;
  return (
    `${why}reading the conntrack table every ${seconds} s, which tells no ends: connections shorter than that may be missing, ` +
    'and of others what they carried last'
  );
}

function describeAccounting({
  entries,
  withoutCounters,
  setting,
  enter,
}: Extract<Diagnostic, { code: 'accounting-off' }>): string {
  const share =
    withoutCounters === entries ? 'the entries have' : `${withoutCounters} of ${entries} entries have`;
  const remedy =
    setting === 'on'
      ? 'net.netfilter.nf_conntrack_acct is on, which takes effect for new connections only, and these are older'
      : `net.netfilter.nf_conntrack_acct ${setting === 'off' ? 'is' : 'was'} off ` +
        `(${shown(enter)}sysctl -w net.netfilter.nf_conntrack_acct=1; ` +
        'takes effect for new connections only)';
  return `${share} no byte counters: ${remedy}; unknown is shown as "-", in JSON null`;
}

function describeMalformed({
  where,
  count,
  firstLine,
  firstError,
}: Extract<Diagnostic, { code: 'malformed-lines' }>): string {
  return (
    `${count} malformed ${count === 1 ? 'line' : 'lines'} in ${shown(where)}, not counted in the listing; ` +
    `the first is line ${firstLine}: ${firstError.message} (${firstError.code}; ${option('strict')} stops at such lines)`
  );
}

/** Paths and system messages, safe for a terminal. */
function shown(text: string): string {
  return sanitizeText(text);
}
