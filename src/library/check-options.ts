import { quoteForMessage } from '../../parsers/parse-error.js';
import { HostflowError, option } from '../model/errors.js';
import type { SnapshotOptions } from './snapshot-options.js';

/** The type of an option's value: a test, and its name in messages. */
interface ValueType {
  test: (value: unknown) => boolean;
  name: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumberOrText = (value: unknown): boolean => typeof value === 'number' || isText(value);
const isIterable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);

const text: ValueType = { test: isText, name: 'a string' };
const truth: ValueType = { test: (value) => typeof value === 'boolean', name: 'true or false' };
const numberOrText: ValueType = { test: isNumberOrText, name: 'a number' };
const texts: ValueType = {
  test: (value) => Array.isArray(value) && value.every(isText),
  name: 'an array of strings',
};
const ports: ValueType = {
  test: (value) => Array.isArray(value) && value.every(isNumberOrText),
  name: "an array of ports such as 443 or '8000-8099'",
};
const input: ValueType = {
  test: (value) => isText(value) || isIterable(value),
  name: 'a path, or the bytes as a stream or an iterable of buffers',
};

const types = {
  proc: text,
  pid: numberOrText,
  netns: text,
  input,
  inputName: text,
  local: texts,
  source: text,
  directions: texts,
  activePorts: ports,
  passivePorts: ports,
  protocols: texts,
  peers: texts,
  filter: text,
  by: text,
  sort: text,
  reverse: truth,
  limit: numberOrText,
  names: truth,
  strict: truth,
} satisfies Record<keyof SnapshotOptions, ValueType>;

/** The error for a value that an option does not take. */
export function expected(name: string, what: string, found: unknown): HostflowError {
  return new HostflowError('usage', `${option(name)}: expected ${what}, found ${shown(found)}`);
}

/** Checks the names and types of options, for callers in JavaScript. @throws HostflowError `usage`, with the name of the option */
export function checkOptions(options: unknown, others: readonly string[] = []): void {
  if (typeof options !== 'object' || options === null) throw expected('options', 'an object', options);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || others.includes(name)) continue;
    const type = Object.hasOwn(types, name) ? types[name as keyof typeof types] : undefined;
    if (type === undefined) {
      const known = [...Object.keys(types), ...others].join(', ');
      throw new HostflowError('usage', `there is no option ${shown(name)}; expected one of ${known}`);
    }
    if (!type.test(value)) throw expected(name, type.name, value);
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoteForMessage(value);
  if (typeof value === 'number' || typeof value === 'boolean') return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
