export { canonicalIpAddress, unmapIpv4 } from './address.js';
export { addCounters, compareCounters, COUNTER_MAX, type Counter } from './counter.js';
export { ParseError, type ParseErrorCode, type ParseErrorDetails, type ParseResult } from './parse-error.js';
export type * from './conntrack/entry.js';
export type * from './conntrack/event.js';
export type * from './conntrack/expectation.js';
export { formatConntrackEntry, type ConntrackStyle } from './conntrack/format-entry.js';
export {
  parseConntrackLine,
  tryParseConntrackLine,
  type ConntrackParseOptions,
} from './conntrack/parse-entry.js';
export {
  formatConntrackEvent,
  parseConntrackEvent,
  tryParseConntrackEvent,
  type ConntrackEventStyle,
} from './conntrack/event-line.js';
export {
  formatConntrackExpectation,
  parseConntrackExpectation,
  tryParseConntrackExpectation,
  type ConntrackExpectationStyle,
} from './conntrack/expectation-line.js';
export {
  formatSocketEntry,
  socketLayoutOf,
  type SocketFormatOptions,
  type SocketLayout,
  type SocketStyle,
} from './socket/format-socket.js';
export {
  isSocketHeader,
  parseSocketLine,
  tryParseSocketLine,
  type SocketParseOptions,
} from './socket/parse-socket.js';
export type * from './socket/socket-entry.js';
export {
  conntrackEntries,
  conntrackEvents,
  conntrackExpectations,
  socketEntries,
  type ConntrackStreamOptions,
  type LineStreamOptions,
  type SocketStreamOptions,
} from './streams.js';
