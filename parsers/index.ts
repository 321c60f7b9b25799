export { canonicalIpAddress, unmapIpv4 } from './address.js';
export { addCounters, compareCounters, COUNTER_MAX, type Counter } from './counter.js';
export { ParseError, type ParseErrorCode, type ParseErrorDetails, type ParseResult } from './errors.js';
export type { LineStreamOptions } from './line-stream.js';
export type * from './conntrack/entry.js';
export type * from './conntrack/event.js';
export type * from './conntrack/expectation.js';
export { formatConntrackEntry, type ConntrackStyle } from './conntrack/format.js';
export { formatConntrackEvent, type ConntrackEventStyle } from './conntrack/format-event.js';
export {
  formatConntrackExpectation,
  type ConntrackExpectationStyle,
} from './conntrack/format-expectation.js';
export { parseConntrackLine, tryParseConntrackLine, type ConntrackParseOptions } from './conntrack/parse.js';
export { parseConntrackEvent, tryParseConntrackEvent } from './conntrack/parse-event.js';
export { parseConntrackExpectation, tryParseConntrackExpectation } from './conntrack/parse-expectation.js';
export {
  conntrackEntries,
  conntrackEvents,
  conntrackExpectations,
  type ConntrackStreamOptions,
} from './conntrack/stream.js';
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
export { socketEntries, type SocketStreamOptions } from './socket/stream.js';
export type * from './socket/socket.js';
