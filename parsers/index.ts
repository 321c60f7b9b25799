export { addCounters, compareCounters, COUNTER_MAX, type Counter } from './counter.js';
export { ParseError, type ParseErrorCode, type ParseErrorDetails, type ParseResult } from './errors.js';
