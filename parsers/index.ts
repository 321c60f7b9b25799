export { canonicalIpAddress, unmapIpv4 } from './address.js';
export { addCounters, compareCounters, COUNTER_MAX, type Counter } from './counter.js';
export { ParseError, type ParseErrorCode, type ParseErrorDetails, type ParseResult } from './errors.js';
export type * from './conntrack/entry.js';
export { formatConntrackEntry, type ConntrackStyle } from './conntrack/format.js';
export { parseConntrackLine, tryParseConntrackLine } from './conntrack/parse.js';
export { conntrackEntries, type LineStreamOptions } from './conntrack/stream.js';
export {
  formatSocketEntry,
  socketLayoutOf,
  type SocketFormatOptions,
  type SocketLayout,
  type SocketStyle,
} from './socket/format.js';
export {
  isSocketHeader,
  parseSocketLine,
  tryParseSocketLine,
  type SocketParseOptions,
} from './socket/parse.js';
export type * from './socket/socket.js';
