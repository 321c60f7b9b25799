import { quoteForMessage } from '../../parsers/parse-error.js';
import { HostflowError, option } from '../model/errors.js';
import { PEER_SCOPES } from '../model/filter.js';
import { DIRECTIONS } from '../model/flow-row.js';
import { GROUPINGS } from '../model/grouping.js';
import { SORT_KEYS } from '../model/order.js';
import { SOURCES } from '../sources/source-options.js';
import type { SnapshotOptions } from './snapshot-options.js';

/** The type of an option's value: a test of it, or of each item of an array, and its name in messages. */
interface ValueType {
  test: (value: unknown) => boolean;
  isArray?: true;
  name: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumberOrText = (value: unknown): boolean => typeof value === 'number' || isText(value);
/** Buffers are iterable too, but give numbers. */
const isIterable = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  [Symbol.iterator, Symbol.asyncIterator].some(
    (method) => typeof (value as Record<symbol, unknown>)[method] === 'function',
  );

const truth: ValueType = { test: (value) => typeof value === 'boolean', name: 'true or false' };
const text = (name: string): ValueType => ({ test: isText, name });
const oneOf = (choices: readonly string[]): ValueType => text(`one of ${choices.join(', ')}`);
const numberOrText = (name: string): ValueType => ({ test: isNumberOrText, name });
const texts = (name: string): ValueType => ({ test: isText, isArray: true, name });
const ports: ValueType = {
  test: isNumberOrText,
  isArray: true,
  name: "an array of ports such as 443 or '8000-8099'",
};

const types = {
  proc: text('a directory such as /host/proc'),
  pid: numberOrText('the number of a process'),
  netns: text('the name of a network namespace (ip netns)'),
  input: {
    test: (value) => isText(value) || isIterable(value),
    name: 'a path, or the bytes as a stream or an array of buffers',
  },
  inputName: text('a string'),
  local: texts("an array of addresses and networks such as '10.0.1.9' or '10.0.0.0/8'"),
  source: oneOf(SOURCES),
  directions: texts(`an array of one or more of ${DIRECTIONS.join(', ')}`),
  activePorts: ports,
  passivePorts: ports,
  protocols: texts("an array of names such as 'tcp', 'udp' or 'icmp', or of IANA numbers as strings"),
  peers: texts("an array of addresses and networks such as '10.0.1.9' or '10.0.0.0/8'"),
  zones: { test: isNumberOrText, isArray: true, name: 'an array of conntrack zones (0 to 65535)' },
  states: {
    // Array.from makes items of holes.
    test: (value) =>
      typeof value === 'boolean' || (Array.isArray(value) && Array.from(value as unknown[]).every(isText)),
    name: "true, or an array of states such as 'SYN_RECV'",
  },
  filter: oneOf(PEER_SCOPES),
  by: oneOf(GROUPINGS),
  sort: oneOf(SORT_KEYS),
  reverse: truth,
  limit: numberOrText('a number of host flows, 0 for all'),
  names: truth,
  strict: truth,
} satisfies Record<keyof SnapshotOptions, ValueType>;

/** The error for a value that an option does not take. */
export function expected(name: string, what: string, found: unknown): HostflowError {
  return new HostflowError('usage', `${option(name)}: expected ${what}, found ${shown(found)}`);
}

/** {@link expected}, in the words for all values of the option. */
export function unfit(name: keyof SnapshotOptions, found: unknown): HostflowError {
  return expected(name, types[name].name, found);
}

/**
 * Checks the names and types of options, for callers in JavaScript. The options `others` are for the caller to check.
 * @returns a copy, with inherited options too, so that later changes do no harm
 * @throws HostflowError `usage`, naming the option
 */
export function checkedOptions<Options extends SnapshotOptions>(
  options: Options,
  others: readonly string[] = [],
): Options {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw expected('options', 'an object', given);
  const names = [...Object.keys(types), ...others];
  for (const name in given) {
    if (names.includes(name)) continue;
    throw new HostflowError(
      'usage',
      `there is no option ${quoteForMessage(name)}; expected one of ${names.join(', ')}`,
    );
  }
  const values = names.map((name) => [name, (given as Record<string, unknown>)[name]] as const);
  const set = values.filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([name, value]) => [name, checked(name, value)])) as unknown as Options;
}

function checked(name: string, value: unknown): unknown {
  const type: ValueType | undefined = (types as Record<string, ValueType>)[name];
  if (type === undefined) return value;
  if (type.isArray !== true) {
    if (!type.test(value)) throw expected(name, type.name, value);
    return value;
  }
  if (!Array.isArray(value)) throw expected(name, type.name, value);
  // Holes become items, which are undefined.
  const items: unknown[] = Array.from(value as unknown[]);
  const wrong = items.findIndex((item) => !type.test(item));
  if (wrong >= 0) {
    const found = `an array with ${shown(items[wrong])}`;
    throw new HostflowError('usage', `${option(name)}: expected ${type.name}, found ${found}`);
  }
  return items;
}

/** A value in a message: short, without control characters, and without calling anything of it. */
function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoteForMessage(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : ArrayBuffer.isView(value) ? 'a buffer' : 'an object';
  }
}
