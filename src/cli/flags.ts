import { fstatSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Diagnostic, DiagnosticCode } from '../model/diagnostics.js';
import { HostflowError, spell } from '../model/errors.js';
import { PEER_SCOPES } from '../model/filter.js';
import { GROUPINGS } from '../model/grouping.js';
import { DIRECTIONS } from '../model/flow-row.js';
import { SORT_KEYS } from '../model/order.js';
import type { Io, OutputStream } from './io.js';
import type { SnapshotOptions } from '../library/snapshot-options.js';
import { FORMATS, type Format } from '../render/index.js';
import { sanitizeText } from '../model/sanitize.js';
import { describeDiagnostic } from '../model/diagnostics.js';
import { SOURCES } from '../sources/source-options.js';

/** The number of rows that a terminal gets without `--limit`. */
const TERMINAL_ROWS = 50;

/** The flags as commander parses them. */
export interface Flags {
  active?: true;
  passive?: true;
  forwarded?: true;
  loopback?: true;
  activePort?: string[];
  aport?: string[];
  passivePort?: string[];
  pport?: string[];
  protocol?: string[];
  peer?: string[];
  zone?: string[];
  state?: true | string[];
  filter?: string;
  by?: string;
  sort?: string;
  reverse?: true;
  limit?: string;
  numeric?: true;
  bytes?: true;
  human?: true;
  json?: true;
  format?: string;
  source?: string;
  proc?: string;
  pid?: string;
  netns?: string;
  input?: string;
  stdin?: true;
  local?: string[];
  strict?: true;
  verbose?: true;
}

/** Writes a line for people. Control characters are removed, as they could act on the terminal. */
export function remark(io: Io, line: string): void {
  io.stderr.write(`${sanitizeText(line)}\n`);
}

/** The notices that a table on a terminal prints below its rows. */
const REPORTED_BY_TABLE: ReadonlySet<DiagnosticCode> = new Set(['sockets-payload', 'sockets-over-time']);

/** Reports notices on standard error. @param tableOnTerminal true if a table on a terminal reports some of them itself */
export function remarkNotices(io: Io, notices: readonly Diagnostic[], tableOnTerminal: boolean): void {
  for (const notice of notices) {
    if (!tableOnTerminal || !REPORTED_BY_TABLE.has(notice.code)) {
      remark(io, `hostflow: ${spell(describeDiagnostic(notice), flagOf)}`);
    }
  }
}

/** Like {@link remarkNotices}, for notices that turn up over time. Each is reported once. */
export function remarkerOfNew(io: Io, tableOnTerminal: boolean): (notices: readonly Diagnostic[]) => void {
  const reported = new Set<Diagnostic>();
  return (notices) => {
    const fresh = notices.filter((notice) => !reported.has(notice));
    for (const notice of fresh) reported.add(notice);
    remarkNotices(io, fresh, tableOnTerminal);
  };
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['activePorts', '--active-port'],
  ['passivePorts', '--passive-port'],
  ['protocols', '--protocol'],
  ['peers', '--peer'],
  ['zones', '--zone'],
  ['states', '--state'],
  ['stdin', 'hostflow --stdin'],
  ['anyInput', '--input or --stdin'],
]);

/** The flag for an option of the library. */
export function flagOf(name: string): string {
  return FLAGS.get(name) ?? `--${name}`;
}

/** Parses a flag that names one place to read. Unchecked, a second value would silently replace the first. */
const once = (value: string, before: string | undefined): string => {
  if (before !== undefined && before !== value)
    throw new InvalidArgumentError('It is given twice; give it once.');
  return value;
};

/** Parses a flag that may be repeated. */
export const append = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** Parses `--state` and its values. Without a value, commander gives `true` instead. */
const appendStates = (value: string, before: true | string[] | undefined): string[] => [
  ...(Array.isArray(before) ? before : []),
  value,
];

/** Adds the flags that choose host flows. */
export function addSelection(program: Command): Command {
  return program
    .optionsGroup('Select host flows (flags of one kind add up):')
    .option('-a, --active', 'connections that this host opens (-->)')
    .option('-p, --passive', 'connections that this host accepts (<--)')
    .option('--forwarded', 'connections that this host routes, NATs or bridges (->>)')
    .option('--loopback', 'connections within this host, hidden by default (<=>)')
    .option(
      '--active-port <ports>',
      'connections opened to these service ports: 443, 80,443 or 8000-8099 (also --aport)',
      append,
    )
    .option('--passive-port <ports>', 'connections accepted on these service ports (also --pport)', append)
    .option('--protocol <name>', 'connections of this protocol: tcp, udp, icmp, …, or its number', append)
    .option('--peer <addr|cidr>', 'connections with this peer, or with any peer of this network', append)
    .option('--zone <n>', 'connections of this conntrack zone', append)
    .option('--filter <scope>', `connections by the peer's address: ${PEER_SCOPES.join(', ')}`);
}

/** The flags that differ from command to command. A flag of another command is left out of the help, and is a usage error. */
export interface CommandHelp {
  /** The text that the command reads from a file or pipe; undefined if it reads none. */
  text?: string;
  /** True if the command can read files in another procfs. */
  readsProc: boolean;
  /** True if the command prints a listing, with a choice of sizes and formats. */
  printsListing: boolean;
  /** True if the command can keep the states of connections apart. */
  printsStates: boolean;
  /** True if the command reports its sources on request. */
  isVerbose: boolean;
}

/** Adds the flags that choose the presentation. */
export function addPresentation(program: Command, { printsListing, printsStates }: CommandHelp): Command {
  const limit = printsListing ? `0 for all (on a terminal: ${TERMINAL_ROWS})` : '0, the default, for all';
  const formats = printsListing ? FORMATS : FORMATS.filter((format) => format !== 'json');
  program
    .optionsGroup('Show them:')
    .option('--by <group>', `group by ${GROUPINGS.join(', ')}`)
    .option('--sort <key>', `order by ${SORT_KEYS.join(', ')}`)
    .addOption(
      shownIf(
        printsStates,
        '--state [names]',
        'keep states apart, or show only these: SYN_RECV,ESTABLISHED',
      ).argParser(appendStates),
    )
    .option('--reverse', 'reverse the order')
    .option('--limit <n>', `show only the first n; ${limit}`)
    .option('-n, --numeric', 'do not look up names');
  if (printsListing) {
    program
      .option('-b, --bytes', 'print exact sizes (the default in a pipe)')
      .option('-H, --human', 'print sizes such as 1.05 GiB (the default on a terminal)');
  }
  return program
    .option('--json', `the same as --format ${printsListing ? 'json' : 'ndjson'}`)
    .option('--format <format>', `print as ${formats.join(', ')}`);
}

/** Adds the flags that choose the source. */
export function addSources(program: Command, { text, readsProc, isVerbose }: CommandHelp): Command {
  const readsText = text !== undefined;
  program
    .optionsGroup('Choose what to read:')
    .option('--source <source>', `${SOURCES.join(', ')}; auto, the default, takes the best that works`)
    .option('--netns <name>', 'read this network namespace, as ip netns names it', once)
    .option('--pid <pid>', 'read the network namespace of this process', once)
    .addOption(
      shownIf(readsProc, '--proc <dir>', 'read another procfs: /host/proc, or a saved copy').argParser(once),
    )
    .addOption(
      shownIf(readsText, '--input <file>', `read ${text} from a file; - for standard input`).argParser(once),
    )
    .addOption(shownIf(readsText, '--stdin', 'the same as --input -'))
    .option(
      '--local <addr|cidr>',
      'treat this address or network as local, instead of the host’s own',
      append,
    )
    .option('--strict', 'stop at the first malformed line (exit 3) instead of counting it');
  return isVerbose ? program.option('--verbose', 'report what was read, and why nothing faster') : program;
}

/** A flag that the help of some commands leaves out. It is parsed all the same: a command that cannot take it says why. */
function shownIf(isShown: boolean, flags: string, description: string): Option {
  return new Option(flags, description).hideHelp(!isShown);
}

function formatOf(flags: Flags): Format {
  const format = FORMATS.find((name) => name === flags.format);
  if (flags.format !== undefined && format === undefined) {
    throw new HostflowError(
      'usage',
      `--format: expected one of ${FORMATS.join(', ')}, found "${flags.format}"`,
    );
  }
  if (flags.json === true && format !== undefined && format !== 'json') {
    throw new HostflowError('usage', `--json and --format ${format} contradict each other; give one of them`);
  }
  return flags.json === true ? 'json' : (format ?? 'table');
}

async function* readFromDescriptor(fd: number, io: Io): AsyncGenerator<Uint8Array> {
  // Loaded here, as most runs do not read standard input.
  const [{ isatty }, { readStandardInput }] = await Promise.all([
    import('node:tty'),
    import('../sources/text/read-chunks.js'),
  ]);
  if (isatty(fd)) {
    remark(io, 'hostflow: reading conntrack text from the terminal (Ctrl-D ends it)');
    yield* io.stdin as AsyncIterable<Uint8Array>;
  } else yield* readStandardInput(fd, () => io.stdin);
}

function standardInput(io: Io): Pick<SnapshotOptions, 'input' | 'inputName'> {
  const inputName = 'standard input';
  const { stdinFd } = io;
  if (stdinFd === undefined) return { input: io.stdin, inputName };
  // Node reads a directory on standard input as an empty stream.
  if (fstatSync(stdinFd).isDirectory()) {
    throw new HostflowError('failed', `cannot read ${inputName}: it is a directory`);
  }
  return { input: readFromDescriptor(stdinFd, io), inputName };
}

function inputOptions(flags: Flags, io: Io): Pick<SnapshotOptions, 'input' | 'inputName'> {
  if (flags.stdin === true && flags.input !== undefined && flags.input !== '-') {
    throw new HostflowError('usage', '--stdin and --input FILE contradict each other; give one of them');
  }
  if (flags.input === '')
    throw new HostflowError('usage', '--input: expected a file, or - for standard input');
  if (flags.stdin === true || flags.input === '-') return standardInput(io);
  return flags.input === undefined ? {} : { input: flags.input };
}

/** Translates the flags into options of the library. The values are not checked yet. */
export function snapshotOptions(flags: Flags, io: Io, limit: string | number): SnapshotOptions {
  const { source, proc, pid, netns, local, filter, by, sort, peer, protocol, zone, state } = flags;
  const lists = { peers: peer, protocols: protocol, zones: zone, states: state };
  const named = { source, proc, pid, netns, local, filter, by, sort, ...lists };
  return {
    ...(Object.fromEntries(
      Object.entries(named).filter(([, value]) => value !== undefined),
    ) as SnapshotOptions),
    ...inputOptions(flags, io),
    directions: DIRECTIONS.filter((name) => flags[name]),
    activePorts: [...(flags.activePort ?? []), ...(flags.aport ?? [])],
    passivePorts: [...(flags.passivePort ?? []), ...(flags.pport ?? [])],
    reverse: flags.reverse ?? false,
    strict: flags.strict ?? false,
    names: flags.numeric !== true,
    limit,
  };
}

/** Chooses the presentation by the flags, and where they leave it open, by the output stream. @throws HostflowError (`exitCode` 2) */
export function presentation(
  flags: Flags,
  { isTTY, columns }: Pick<OutputStream, 'isTTY' | 'columns'>,
): { format: Format; human: boolean; columns: number | undefined; defaultLimit: number } {
  const format = formatOf(flags);
  if (flags.bytes === true && flags.human === true) {
    throw new HostflowError('usage', '--bytes and --human contradict each other; give one of them');
  }
  const isTerminal = isTTY === true;
  return {
    format,
    human: flags.human ?? (flags.bytes === true ? false : isTerminal),
    columns: isTerminal ? columns : undefined,
    defaultLimit: isTerminal && format === 'table' ? TERMINAL_ROWS : 0,
  };
}
