import { AddressSet, parseCidr } from '../model/address-set.js';
import { HostflowError, option } from '../model/errors.js';
import { PEER_SCOPES, type FlowFilter, type PortRange } from '../model/filter.js';
import { DIRECTIONS, type Direction } from '../model/flow-row.js';
import { GROUPINGS, type Grouping } from '../model/grouping.js';
import { SORT_KEYS, type SortKey } from '../model/order.js';
import { LOOPBACK_NETWORKS } from '../model/private-addresses.js';
import { STATES } from '../model/states.js';
import { isProtocolLabel, protocolLabelOf } from '../model/protocol-label.js';
import { SOURCES, type SourceOptions } from '../sources/source-options.js';
import { checkedOptions, expected, unfit } from './check-options.js';
import type { SnapshotOptions } from './snapshot-options.js';

/** The options after every value was checked. */
export interface ResolvedOptions extends SourceOptions {
  filter: FlowFilter;
  grouping: Grouping;
  sortKey: SortKey;
  reverse: boolean;
  /** The number of rows to show; 0 means all. Peers beyond it need no name. */
  limit: number;
  /** True to look names up. */
  names: boolean;
}

function oneOf<T extends string>(
  name: keyof SnapshotOptions,
  choices: readonly T[],
  value: string | undefined,
): T {
  const [first] = choices;
  const found = value === undefined ? first : choices.find((choice) => choice === value);
  if (found === undefined) throw expected(name, `one of ${choices.join(', ')}`, value);
  return found;
}

function wholeNumber(name: keyof SnapshotOptions, value: number | string): number {
  const number = /^[0-9]{1,15}$/.test(String(value)) ? Number(value) : NaN;
  if (Number.isNaN(number)) throw unfit(name, value);
  return number;
}

function portRanges(name: string, values: readonly (number | string)[]): PortRange[] {
  return values.flatMap((value) => String(value).split(',')).map((text) => portRange(name, text.trim()));
}

function portRange(name: string, text: string): PortRange {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? first);
  if (!(first <= last && last <= 65535)) {
    throw expected(name, 'ports such as 443, 80,443 or 8000-8099 (0 to 65535)', text);
  }
  return { first, last };
}

function addressSet(name: string, values: readonly string[]): AddressSet {
  const texts = values.flatMap((value) => value.split(',')).map((text) => text.trim());
  const wrong = texts.find((text) => parseCidr(text) === undefined);
  if (wrong !== undefined) {
    throw expected(name, 'an address or network such as 10.0.1.9, 10.0.0.0/8 or fd00::/8', wrong);
  }
  return new AddressSet(texts);
}

function protocolLabels(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => {
      const label = protocolLabelOf(value.trim());
      if (!isProtocolLabel(label)) {
        throw expected('protocols', 'a name such as tcp, udp, icmp, or an IANA number', value);
      }
      return label;
    });
}

function zoneNumbers(values: readonly (number | string)[]): number[] {
  return values
    .flatMap((value) => String(value).split(','))
    .map((text) => {
      const zone = /^[0-9]{1,5}$/.test(text.trim()) ? Number(text) : NaN;
      if (!(zone <= 65535)) throw expected('zones', 'conntrack zones (0 to 65535)', text);
      return zone;
    });
}

function stateNames(value: boolean | readonly string[]): string[] {
  if (typeof value === 'boolean') return [];
  return value
    .flatMap((text) => text.split(','))
    .map((text) => {
      const name = text.trim().toUpperCase();
      if (!STATES.has(name)) {
        throw expected('states', 'states such as SYN_SENT, SYN_RECV, ESTABLISHED or UNREPLIED', text);
      }
      return name;
    });
}

function usage(message: string): HostflowError {
  return new HostflowError('usage', message);
}

function checkPortsApply(
  directions: readonly Direction[],
  hasActivePorts: boolean,
  hasPassivePorts: boolean,
): void {
  if (directions.length === 0) return;
  const accepts = directions.includes('passive');
  if (hasPassivePorts && !accepts) {
    throw usage(
      `${option('passivePorts')} selects among connections that this host accepts, but these are not shown; add ${option('passive')}, or leave out ${option('passivePorts')}`,
    );
  }
  if (hasActivePorts && accepts && directions.length === 1) {
    throw usage(
      `${option('activePorts')} selects among connections that this host opens, but these are not shown; add ${option('active')}, or leave out ${option('activePorts')}`,
    );
  }
}

function defaultDirections(
  activePorts: readonly PortRange[],
  passivePorts: readonly PortRange[],
): Direction[] {
  if (activePorts.length === 0 && passivePorts.length === 0) return ['active', 'passive', 'forwarded'];
  return [
    ...(activePorts.length > 0 ? (['active'] as const) : []),
    ...(passivePorts.length > 0 ? (['passive'] as const) : []),
  ];
}

/** Refuses options that name different places to read. */
function checkPlaces({ proc, pid, netns, input, source }: SnapshotOptions): void {
  if (proc === '') throw unfit('proc', proc);
  if (proc !== undefined && source === 'netlink') {
    throw usage(
      `${option('source')} netlink reads the running kernel and cannot be combined with ${option('proc')}; leave one of them out`,
    );
  }
  if (netns === undefined) return;
  if (netns === '') throw unfit('netns', netns);
  const others = {
    [option('pid')]: pid !== undefined,
    [option('proc')]: proc !== undefined,
    [option('anyInput')]: input !== undefined,
    [`${option('source')} procfs`]: source === 'procfs',
  };
  for (const [name, isGiven] of Object.entries(others)) {
    if (isGiven)
      throw usage(
        `${option('netns')} names a network namespace of the running kernel and cannot be combined with ${name}; leave one of them out`,
      );
  }
}

function inputOf({ input, inputName, source, pid }: SnapshotOptions): SourceOptions['input'] {
  if (input === undefined) return undefined;
  if (source !== undefined && source !== 'auto')
    throw usage(
      `${option('source')} chooses among live sources and cannot be combined with ${option('input')}; leave one of them out`,
    );
  if (pid !== undefined)
    throw usage(
      `${option('pid')} names a live network namespace and cannot be combined with ${option('input')}; leave one of them out`,
    );
  if (input === '') throw unfit('input', input);
  if (typeof input === 'string') return { name: inputName ?? input, from: input };
  return { name: inputName ?? 'the input', from: bytesOf(input) };
}

/** The chunks, if they are bytes. @throws HostflowError `usage` else, when it meets the first other one */
async function* bytesOf(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw expected('input', 'bytes (Buffer or Uint8Array)', chunk);
    yield chunk;
  }
}

/** Checks every option. @throws HostflowError `usage`, with the name of the option, the expected value and the one found */
export function resolveSnapshotOptions(given: SnapshotOptions): ResolvedOptions {
  const options = checkedOptions(given);
  const activePorts = portRanges('activePorts', options.activePorts ?? []);
  const passivePorts = portRanges('passivePorts', options.passivePorts ?? []);
  const directions = (options.directions ?? []).map((name) => oneOf('directions', DIRECTIONS, name));
  checkPortsApply(directions, activePorts.length > 0, passivePorts.length > 0);
  const { peers = [], local = [], pid } = options;
  checkPlaces(options);
  return {
    procfsRoot: (options.proc ?? '/proc').replace(/(?<=.)\/+$/, ''),
    filesOnly: options.proc !== undefined,
    netns: options.netns,
    pid: pid === undefined ? undefined : wholeNumber('pid', pid),
    input: inputOf(options),
    // The loopback addresses are local on every host.
    local: local.length === 0 ? undefined : addressSet('local', [...local, ...LOOPBACK_NETWORKS]),
    source: oneOf('source', SOURCES, options.source),
    byState: options.states !== undefined && options.states !== false,
    filter: {
      directions: directions.length > 0 ? directions : defaultDirections(activePorts, passivePorts),
      activePorts,
      passivePorts,
      protocols: protocolLabels(options.protocols ?? []),
      peers: peers.length === 0 ? undefined : addressSet('peers', peers),
      zones: zoneNumbers(options.zones ?? []),
      states: stateNames(options.states ?? false),
      scope: oneOf('filter', PEER_SCOPES, options.filter),
    },
    grouping: oneOf('by', GROUPINGS, options.by),
    sortKey: oneOf('sort', SORT_KEYS, options.sort),
    reverse: options.reverse ?? false,
    limit: wholeNumber('limit', options.limit ?? 0),
    names: options.names ?? false,
    strict: options.strict ?? false,
  };
}
