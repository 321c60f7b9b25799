const COLON = 58;
const DOT = 46;
const GROUPS = 8;
/** `0000:0000:0000:0000:0000:ffff:255.255.255.255`, the longest text form (`INET6_ADDRSTRLEN` less its NUL). */
const LONGEST_TEXT = 45;

/**
 * The bytes of an IP address in network order: 4 for IPv4, 16 for IPv6. Returns undefined for any other text.
 *
 * Accepts dotted decimal and every text form of RFC 4291 section 2.2, dotted tails included.
 * Rejects scope ids, brackets and blanks. Rejects leading zeros in dotted decimal: some programs read them as octal.
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (!text.includes(':')) {
    const quad = scanDottedQuad(text, 0);
    return quad < 0 ? undefined : Uint8Array.of(quad >>> 24, quad >>> 16, quad >>> 8, quad);
  }
  const groups = scanGroups(text);
  return groups && Uint8Array.from({ length: 16 }, (_, i) => (groups[i >> 1] ?? 0) >> (i % 2 === 0 ? 8 : 0));
}

/**
 * The canonical text of an IP address (RFC 5952; IPv4-mapped ones have a dotted tail), or undefined if `text` is none.
 */
export function canonicalIpAddress(text: string): string | undefined {
  // Dotted decimal has one spelling only; conntrack tables are full of it.
  if (!text.includes(':')) return scanDottedQuad(text, 0) < 0 ? undefined : text;
  const groups = scanGroups(text);
  return groups && formatGroups(groups, isMapped(groups));
}

/**
 * The canonical text (RFC 5952) of 4 or 16 bytes in network order.
 *
 * IPv4-mapped addresses end in dotted decimal (`::ffff:10.0.0.1`). All others are hexadecimal: `::a00:1`, not
 * `::10.0.0.1`.
 * @throws RangeError unless there are 4 or 16 bytes
 */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  return formatGroups(groups, isMapped(groups));
}

/**
 * The text that glibc's `inet_ntop` makes, and therefore `conntrack -L`.
 *
 * It differs from {@link formatIpAddress} for IPv4-compatible addresses (`::10.0.0.1`): if exactly the first six groups
 * are zero, the tail is dotted.
 * @throws RangeError unless there are 4 or 16 bytes
 */
export function formatIpAddressGlibc(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  const run = longestZeroRun(groups);
  return formatGroups(groups, isMapped(groups) || (run.start === 0 && run.length === 6));
}

/**
 * The text that the kernel's `%pI4` and `%pI6` make, and therefore `/proc/net/nf_conntrack`.
 *
 * IPv6 addresses have eight groups of four digits.
 * @throws RangeError unless there are 4 or 16 bytes
 */
export function formatIpAddressFull(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return groupsOf(bytes)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join(':');
}

/** The IPv4 address inside an IPv4-mapped one (`::ffff:10.0.0.1` → `10.0.0.1`). Returns any other text unchanged. */
export function unmapIpv4(text: string): string {
  if (!/:f{4}:/i.test(text)) return text;
  const groups = scanGroups(text);
  return groups && isMapped(groups) ? dottedTail(groups) : text;
}

/** The IPv4-mapped form of IPv4 text (`10.0.0.1` → `::ffff:10.0.0.1`). Returns any other text unchanged. */
export function mapIpv4(text: string): string {
  return text.includes('.') && !text.includes(':') ? `::ffff:${text}` : text;
}

/** The dotted quad from `start` to the end of `text`, as an unsigned number; -1 if there is none. */
function scanDottedQuad(text: string, start: number): number {
  if (text.length - start > 15) return -1;
  let quad = 0;
  let dots = 0;
  let octet = -1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0 || ++dots > 3) return -1;
      quad = quad * 256 + octet;
      octet = -1;
    } else {
      if (code < 48 || code > 57 || octet === 0) return -1;
      octet = octet < 0 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? quad * 256 + octet : -1;
}

/** The eight groups of an IPv6 address, or undefined. */
function scanGroups(text: string): number[] | undefined {
  if (text.length < 2 || text.length > LONGEST_TEXT) return undefined;
  const groups: number[] = [];
  let gap = -1;
  let at = 0;
  if (text.startsWith('::')) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const start = at;
    const { value, end } = scanHex(text, at);
    if (text.charCodeAt(end) === DOT) {
      const quad = scanDottedQuad(text, start);
      if (quad < 0) return undefined;
      groups.push(quad >>> 16, quad & 0xffff);
      break;
    }
    if (end === start || end - start > 4) return undefined;
    groups.push(value);
    if (end === text.length) break;
    if (text.charCodeAt(end) !== COLON) return undefined;
    at = end + 1;
    if (at === text.length) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      at++;
    }
  }
  return fillGap(groups, gap);
}

function scanHex(text: string, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (; end < text.length; end++) {
    const digit = hexDigit(text.charCodeAt(end));
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  return { value, end };
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Inserts the zero groups that `::` at index `gap` stands for; at least one is required. */
function fillGap(groups: number[], gap: number): number[] | undefined {
  if (gap < 0) return groups.length === GROUPS ? groups : undefined;
  const missing = GROUPS - groups.length;
  if (missing < 1) return undefined;
  groups.splice(gap, 0, ...new Array<number>(missing).fill(0));
  return groups;
}

function groupsOf(bytes: Uint8Array): number[] {
  if (bytes.length !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  return Array.from({ length: GROUPS }, (_, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0));
}

/** True if these are the groups of an IPv4-mapped address, `::ffff:0:0/96`. */
function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.every((group, i) => i > 4 || group === 0);
}

function formatGroups(groups: readonly number[], dotted: boolean): string {
  const run = longestZeroRun(groups);
  const texts = (dotted ? groups.slice(0, 6) : groups).map((group) => group.toString(16));
  if (dotted) texts.push(dottedTail(groups));
  if (run.length < 2) return texts.join(':');
  return `${texts.slice(0, run.start).join(':')}::${texts.slice(run.start + run.length).join(':')}`;
}

function dottedTail(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** The longest run of zero groups, the first one on a tie. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  const best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== 0) start = i + 1;
    else if (i + 1 - start > best.length) {
      best.start = start;
      best.length = i + 1 - start;
    }
  }
  return best;
}
