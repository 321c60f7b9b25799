import { EXIT, HostflowError } from '../model/errors.js';
import { AddressSet, parseCidr } from '../model/address-set.js';
import { PEER_SCOPES, type PeerScope, type PortRange } from '../model/filter.js';
import { GROUPINGS, type Grouping } from '../model/grouping.js';
import { DIRECTIONS, type Direction } from '../model/host-flow.js';
import { SORT_KEYS, type SortKey } from '../model/order.js';
import { LOOPBACK_NETWORKS } from '../model/private-addresses.js';
import { isProtocolLabel, protocolLabelOf } from '../model/protocol-label.js';
import { SOURCES, type ResolvedOptions, type SourceChoice } from '../sources/resolved-options.js';

/** What `snapshot()` takes: the command's flags by their long names. All optional; the defaults are the command's. */
export interface SnapshotOptions {
  /** The procfs to read everything from; `/proc` by default. */
  proc?: string;
  /** The process whose network namespace is meant. */
  pid?: number | string;
  /** The network namespace that is meant, by its name in `ip netns`. */
  netns?: string;
  /** Conntrack text instead of the live table: a path, or the bytes themselves (a stream, an array of buffers). */
  input?: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** What messages call `input` where it is no path. */
  inputName?: string;
  /** Which addresses and networks (`10.0.0.0/8`) are local; this host's own by default. */
  local?: readonly string[];
  source?: SourceChoice | (string & {});
  /** By default all but `loopback`; where only one kind of port is named, only its direction. */
  directions?: readonly Direction[];
  /** Service ports of connections this host opens: `443`, `'80,443'`, `'8000-8099'`. */
  activePorts?: readonly (number | string)[];
  /** Service ports of connections this host accepts. */
  passivePorts?: readonly (number | string)[];
  /** Names or IANA numbers. */
  protocols?: readonly string[];
  /** Addresses and networks of peers. */
  peers?: readonly string[];
  filter?: PeerScope | (string & {});
  by?: Grouping | (string & {});
  sort?: SortKey | (string & {});
  reverse?: boolean;
  /** How many flows at most; 0, the default, means all. */
  limit?: number | string;
  /** Whether to look up the names of peers, within one second in all; not by default. */
  names?: boolean;
  /** Whether a malformed line ends the reading. */
  strict?: boolean;
}

function usage(message: string): HostflowError {
  return new HostflowError(EXIT.usage, message);
}

function oneOf<T extends string>(flag: string, choices: readonly T[], value: string | undefined): T {
  const [first] = choices;
  const found = value === undefined ? first : choices.find((choice) => choice === value);
  if (found === undefined) throw usage(`${flag}: expected one of ${choices.join(', ')}, found "${value}"`);
  return found;
}

function wholeNumber(flag: string, value: number | string, what: string): number {
  const number = /^[0-9]{1,15}$/.test(String(value)) ? Number(value) : NaN;
  if (Number.isNaN(number)) throw usage(`${flag}: expected ${what}, found "${value}"`);
  return number;
}

function portRanges(flag: string, values: readonly (number | string)[]): PortRange[] {
  return values.flatMap((value) => String(value).split(',')).map((text) => portRange(flag, text.trim()));
}

function portRange(flag: string, text: string): PortRange {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? first);
  if (!(first <= last && last <= 65535)) {
    throw usage(`${flag}: expected ports such as 443, 80,443 or 8000-8099 (0 to 65535), found "${text}"`);
  }
  return { first, last };
}

function addressSet(flag: string, values: readonly string[]): AddressSet {
  const texts = values.flatMap((value) => value.split(',')).map((text) => text.trim());
  const wrong = texts.find((text) => parseCidr(text) === undefined);
  if (wrong !== undefined) {
    throw usage(
      `${flag}: expected an address or network such as 10.0.1.9, 10.0.0.0/8 or fd00::/8, found "${wrong}"`,
    );
  }
  return new AddressSet(texts);
}

function protocolLabels(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => {
      const label = protocolLabelOf(value.trim());
      if (!isProtocolLabel(label)) {
        throw usage(
          `--protocol: expected a name such as tcp, udp, icmp, or an IANA number, found "${value}"`,
        );
      }
      return label;
    });
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
      '--passive-port is about connections that this host accepts: give --passive as well, or leave it out',
    );
  }
  if (hasActivePorts && accepts && directions.length === 1) {
    throw usage(
      '--active-port is about connections that this host opens: give --active as well, or leave it out',
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

/** Which flags leave each other nothing to read. */
function checkPlaces({ proc, pid, netns, input, source }: SnapshotOptions): void {
  if (proc === '') throw usage('--proc: expected a directory such as /host/proc, found ""');
  if (proc !== undefined && source === 'netlink') {
    throw usage('--source netlink asks the running kernel: not with --proc');
  }
  if (netns === undefined) return;
  if (netns === '') throw usage('--netns: expected the name of a network namespace (ip netns), found ""');
  const others = {
    '--pid': pid !== undefined,
    '--proc': proc !== undefined,
    '--input or --stdin': input !== undefined,
    '--source procfs': source === 'procfs',
  };
  for (const [flag, isGiven] of Object.entries(others)) {
    if (isGiven) throw usage(`--netns names a network namespace of the running kernel: not with ${flag}`);
  }
}

function inputOf({ input, inputName, source, pid }: SnapshotOptions): ResolvedOptions['input'] {
  if (input === undefined) return undefined;
  if (source !== undefined && source !== 'auto')
    throw usage('--source chooses among live sources: not with --input');
  if (pid !== undefined) throw usage('--pid names a live network namespace: not with --input');
  return { name: inputName ?? (typeof input === 'string' ? input : 'the input'), from: input };
}

/** Checks every value. @throws HostflowError (`exitCode` 2) naming the flag, what it expects and what it found. */
export function resolveSnapshotOptions(options: SnapshotOptions): ResolvedOptions {
  const activePorts = portRanges('--active-port', options.activePorts ?? []);
  const passivePorts = portRanges('--passive-port', options.passivePorts ?? []);
  const directions = (options.directions ?? []).map((name) => oneOf('directions', DIRECTIONS, name));
  checkPortsApply(directions, activePorts.length > 0, passivePorts.length > 0);
  const { peers = [], local = [], pid } = options;
  checkPlaces(options);
  return {
    procfsRoot: (options.proc ?? '/proc').replace(/(?<=.)\/+$/, ''),
    filesOnly: options.proc !== undefined,
    netns: options.netns,
    pid: pid === undefined ? undefined : wholeNumber('--pid', pid, 'the number of a process'),
    input: inputOf(options),
    // Every host's loopback addresses are its own.
    local: local.length === 0 ? undefined : addressSet('--local', [...local, ...LOOPBACK_NETWORKS]),
    source: oneOf('--source', SOURCES, options.source),
    filter: {
      directions: directions.length > 0 ? directions : defaultDirections(activePorts, passivePorts),
      activePorts,
      passivePorts,
      protocols: protocolLabels(options.protocols ?? []),
      peers: peers.length === 0 ? undefined : addressSet('--peer', peers),
      scope: oneOf('--filter', PEER_SCOPES, options.filter),
    },
    grouping: oneOf('--by', GROUPINGS, options.by),
    sortKey: oneOf('--sort', SORT_KEYS, options.sort),
    reverse: options.reverse ?? false,
    limit: wholeNumber('--limit', options.limit ?? 0, 'a number of host flows, 0 for all'),
    names: options.names ?? false,
    strict: options.strict ?? false,
  };
}
