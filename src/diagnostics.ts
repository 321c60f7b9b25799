import type { ParseError } from '../parsers/errors.js';
import { sanitizeText } from './sanitize.js';

/**
 * Everything that a user can be warned of. `docs/errors.md` has a row for each.
 * A closed list: {@link describeDiagnostic} has the text and the remedy of each.
 */
export type Diagnostic =
  | { code: 'conntrack-missing'; path: string }
  | { code: 'conntrack-permission'; path: string }
  | { code: 'conntrack-failed'; path: string; reason: string }
  | { code: 'conntrack-empty' }
  | {
      code: 'accounting-off';
      entries: number;
      withoutCounters: number;
      setting: 'off' | 'on' | 'unknown';
      pid: number | undefined;
    }
  | { code: 'sockets-unreadable'; path: string; reason: string }
  | { code: 'malformed-lines'; where: string; count: number; firstLine: number; firstError: ParseError }
  | { code: 'no-local-address'; given: boolean }
  | { code: 'all-loopback' };

/** A {@link Diagnostic}'s code. */
export type DiagnosticCode = Diagnostic['code'];

/** The diagnostics that say why something could not be read. */
export type UnreadableDiagnostic = Extract<Diagnostic, { path: string }>;

/** Why something could not be read and what to do about it, without what is shown instead. */
export function describeUnreadable(diagnostic: UnreadableDiagnostic): string {
  switch (diagnostic.code) {
    case 'conntrack-missing':
      return (
        `no ${shown(diagnostic.path)}: connection tracking is not loaded (modprobe nf_conntrack), ` +
        'or the kernel lacks this file (pipe "conntrack -L" into hostflow --stdin)'
      );
    case 'conntrack-permission':
      return (
        `permission denied on ${shown(diagnostic.path)}: reading it needs root (sudo hostflow); ` +
        'with CAP_NET_ADMIN alone, pipe "conntrack -L" into hostflow --stdin'
      );
    case 'conntrack-failed':
    case 'sockets-unreadable':
      return `cannot read ${shown(diagnostic.path)}: ${shown(diagnostic.reason)}`;
  }
}

/** One line: what is so, and what to do about it. */
export function describeDiagnostic(diagnostic: Diagnostic): string {
  switch (diagnostic.code) {
    case 'conntrack-missing':
    case 'conntrack-permission':
    case 'conntrack-failed':
      return `${describeUnreadable(diagnostic)}; counting sockets instead, bytes unknown`;
    case 'conntrack-empty':
      return (
        'connection tracking is loaded but tracks nothing: no firewall rule uses ct (add an nft rule with "ct state"), ' +
        'or there was no traffic yet; what is shown are sockets, bytes unknown'
      );
    case 'accounting-off':
      return describeAccounting(diagnostic);
    case 'sockets-unreadable':
      return `${describeUnreadable(diagnostic)}; its sockets are not shown, nor do they settle directions`;
    case 'malformed-lines':
      return describeMalformed(diagnostic);
    case 'all-loopback':
      return (
        'the addresses given by --local hold both ends of every entry: all are within the host, and hidden ' +
        '(--loopback shows them; name fewer addresses for the view of one host)'
      );
    case 'no-local-address':
      return diagnostic.given
        ? 'no entry touches an address given by --local (check the addresses): every entry counts as forwarded'
        : 'no entry touches a local address (name the addresses of the host it comes from with --local ADDR|CIDR): ' +
            'every entry counts as forwarded';
  }
}

function describeAccounting({
  entries,
  withoutCounters,
  setting,
  pid,
}: Extract<Diagnostic, { code: 'accounting-off' }>): string {
  const share =
    withoutCounters === entries ? 'the entries have' : `${withoutCounters} of ${entries} entries have`;
  const remedy =
    setting === 'on'
      ? 'net.netfilter.nf_conntrack_acct is on, which takes effect for new connections only, and these are older'
      : `net.netfilter.nf_conntrack_acct ${setting === 'off' ? 'is' : 'was'} off ` +
        `(${pid === undefined ? '' : `nsenter -t ${pid} -n `}sysctl -w net.netfilter.nf_conntrack_acct=1; ` +
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
    `the first is line ${firstLine}: ${firstError.message} (${firstError.code}; --strict stops at such lines)`
  );
}

/** Paths and system messages, safe for a terminal. */
function shown(text: string): string {
  return sanitizeText(text);
}
