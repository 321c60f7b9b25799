import type { ParseError } from '../../parsers/parse-error.js';
import { option } from './errors.js';
import { sanitizeText } from './sanitize.js';
import { describeFailures, describeUnreadable, kindOf, type Unreadable } from './unreadable.js';

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
  | { code: 'nothing-tracked' }
  | { code: 'no-ends' }
  | {
      code: 'conntrack-polled';
      failures: readonly Unreadable[];
      seconds: number;
      /** The prefix that makes a command run in the namespace, if its setting of events is the cause. */
      enter?: string;
    }
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
  | {
      code: 'malformed-lines';
      where: string;
      count: number;
      firstLine: number;
      firstError: ParseError;
      /** The kind of text that the first is, and the remedy, if known. */
      hint?: string;
    }
  | { code: 'no-local-address'; given: boolean }
  | { code: 'all-loopback' }
  /** `connections` is undefined if there may be more to come. */
  | { code: 'turned-by-ports'; connections: number | undefined }
  | { code: 'offloaded'; entries: number | undefined }
  | { code: 'addresses-cut'; path: string; isOwn: boolean };

/** A {@link Diagnostic}'s code. */
export type DiagnosticCode = Diagnostic['code'];

/** The notice for a listing of sockets, if no source of conntrack worked. */
export function fallbackDiagnostic(failures: readonly Unreadable[], bytes: SocketBytes): Diagnostic {
  const kinds = failures.map(kindOf);
  if (kinds.includes('permission')) return { code: 'conntrack-permission', failures, bytes };
  if (kinds.includes('failed')) return { code: 'conntrack-failed', failures, bytes };
  return { code: 'conntrack-missing', failures, bytes };
}

const TRACK = 'to track connections, add an nft rule with "ct state"';

const PAYLOAD_OVER_TIME =
  'the payload of TCP connections, without headers; UDP is missing, as its sockets keep no counts';

function describeBytes(bytes: SocketBytes): string {
  if (bytes.known && bytes.overTime === true) return `their bytes are ${PAYLOAD_OVER_TIME}`;
  if (bytes.known) return 'their bytes are the payload of live TCP connections';
  return `their bytes are unknown${bytes.reason === undefined ? '' : ` (${bytes.reason})`}`;
}

/** Describes a notice in one line: the fact first, the remedy last. */
export function describeDiagnostic(diagnostic: Diagnostic): string {
  switch (diagnostic.code) {
    case 'conntrack-missing':
    case 'conntrack-permission':
    case 'conntrack-failed': {
      const { failures, bytes } = diagnostic;
      return `conntrack cannot be read, so sockets are shown; ${describeBytes(bytes)}; ${describeFailures(failures)}`;
    }
    case 'conntrack-empty':
      return (
        'the conntrack table is empty, so sockets are shown: no firewall rule uses ct, or there was no traffic yet; ' +
        `${describeBytes(diagnostic.bytes)}; ${TRACK}`
      );
    case 'nothing-seen':
      return (
        'no connection was seen: the conntrack table stayed empty, and there was no TCP connection; ' +
        `UDP and other protocols are seen only by conntrack, if a firewall rule uses ct; ${TRACK}`
      );
    case 'no-ends':
      return 'no event tells of an end (DESTROY), and only ends have counters; record them too (conntrack -E)';
    case 'nothing-tracked':
      return `the conntrack table stayed empty: no firewall rule uses ct, or there was no traffic; ${TRACK}`;
    case 'conntrack-polled':
      return describePolled(diagnostic);
    case 'accounting-off':
      return describeAccounting(diagnostic);
    case 'sockets-unreadable':
      return `some sockets are not shown and cannot settle directions: ${describeUnreadable(diagnostic.failure)}`;
    case 'sockets-payload':
      return 'bytes of sockets are the payload of live TCP connections, without headers; packets are segments';
    case 'sockets-over-time':
      return `bytes of sockets are ${PAYLOAD_OVER_TIME}; packets are segments`;
    case 'sockets-without-bytes':
      return `bytes of sockets are unknown: ${diagnostic.reason}`;
    case 'malformed-lines':
      return describeMalformed(diagnostic);
    case 'turned-by-ports':
      return describeTurned(diagnostic);
    case 'offloaded':
      return (
        `a flowtable or hardware forwards ${many(diagnostic.entries, 'connection')}, whose counters may stand still; ` +
        'to have them counted, give the flowtable the flag "counter"'
      );
    case 'addresses-cut':
      return describeCut(diagnostic);
    case 'all-loopback':
      return (
        `no flow is shown, as the addresses given by ${option('local')} hold both ends of every entry; ` +
        `give ${option('loopback')} to show flows within the host, or give fewer addresses`
      );
    case 'no-local-address':
      return diagnostic.given
        ? `every entry counts as forwarded, as none touches an address given by ${option('local')}; check the addresses`
        : 'every entry counts as forwarded, as none touches a local address; ' +
            `if the text comes from another host, give its addresses with ${option('local')} ADDR|CIDR`;
  }
}

function describeTurned({ connections }: Extract<Diagnostic, { code: 'turned-by-ports' }>): string {
  return (
    `conntrack met ${many(connections, 'connection')} in mid-stream, the wrong way round by the ports: ` +
    'the end with the lower port counts as the one that accepted'
  );
}

function describeCut({ path, isOwn }: Extract<Diagnostic, { code: 'addresses-cut' }>): string {
  return (
    `${sanitizeText(path)} is too long to be read to its end, so ` +
    `${isOwn ? 'any-IP prefixes' : 'local addresses'} may be missing; to ask rtnetlink instead, npm install koffi`
  );
}

function many(count: number | undefined, word: string): string {
  return `${count ?? 'some'} ${word}${count === 1 ? '' : 's'}`;
}

function describePolled({
  failures,
  seconds,
  enter,
}: Extract<Diagnostic, { code: 'conntrack-polled' }>): string {
  const setting = 'net.netfilter.nf_conntrack_events';
  const why =
    enter !== undefined
      ? `; ${setting} is 0; to count exactly, run ${sanitizeText(enter)}sysctl -w ${setting}=1`
      : failures.length === 0
        ? ''
        : `; ${describeFailures(failures)}`;
  return (
    `the conntrack table is read every ${seconds} s, without events: ` +
    `connections shorter than that may be missing, and so may the last bytes of others${why}`
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
  const fact = `${share} no byte counters, shown as "-" (JSON: null)`;
  if (setting === 'on')
    return `${fact}: they began before net.netfilter.nf_conntrack_acct was turned on; new connections are counted`;
  return (
    `${fact}: net.netfilter.nf_conntrack_acct ${setting === 'off' ? 'is' : 'was'} off; ` +
    `to count new connections, run ${sanitizeText(enter)}sysctl -w net.netfilter.nf_conntrack_acct=1`
  );
}

function describeMalformed({
  where,
  count,
  firstLine,
  firstError,
  hint,
}: Extract<Diagnostic, { code: 'malformed-lines' }>): string {
  const why = hint === undefined ? '' : `; ${hint}`;
  return (
    `${count} malformed ${count === 1 ? 'line' : 'lines'} in ${sanitizeText(where)}, left out of the listing; ` +
    `the first is ${describeMalformedLine(firstLine, firstError)}${why}; to stop at such lines, give ${option('strict')}`
  );
}

/** A malformed line in words. */
export function describeMalformedLine(line: number, { message, code }: ParseError): string {
  return `line ${line}: ${message} (${code})`;
}
