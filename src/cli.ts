import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT, HostflowError } from './errors.js';
import { PEER_SCOPES } from './flows/filter.js';
import { GROUPINGS } from './flows/group.js';
import { DIRECTIONS } from './flows/host-flow.js';
import { SORT_KEYS } from './flows/order.js';
import { writeAll, type Io } from './io.js';
import { withTwoDashes } from './lsconntrack-flags.js';
import { resolveSnapshotOptions, type SnapshotOptions } from './options.js';
import { FORMATS, render, type Format } from './render/index.js';
import { sanitizeText } from './sanitize.js';
import { takeSnapshot } from './snapshot.js';
import { SOURCES } from './snapshot-options.js';
import { readStandardInput } from './sources/read-chunks.js';
import { VERSION } from './version.js';

/** How many rows a terminal gets without `--limit`. */
const TERMINAL_ROWS = 50;

interface Flags {
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
  input?: string;
  stdin?: true;
  local?: string[];
  strict?: true;
}

/** Writes a line for people, without what could act on their terminal. */
function remark(io: Io, line: string): void {
  io.stderr.write(`${sanitizeText(line)}\n`);
}

/** For what can be read from one place only: a second one would silently take the first one's. */
const once = (value: string, before: string | undefined): string => {
  if (before !== undefined && before !== value) throw new InvalidArgumentError('It is given twice.');
  return value;
};

const append = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

function addSelection(program: Command): Command {
  return program
    .optionsGroup('Which host flows (flags of one kind add up):')
    .option('-a, --active', 'those that this host opens (-->)')
    .option('-p, --passive', 'those that this host accepts (<--)')
    .option('--forwarded', 'those that this host routes, NATs or bridges (->>)')
    .option('--loopback', 'those within this host, hidden otherwise (<=>)')
    .option(
      '--active-port <ports>',
      'opened to these service ports: 443, 80,443 or 8000-8099 (--aport)',
      append,
    )
    .option('--passive-port <ports>', 'accepted on these service ports (--pport)', append)
    .option('--protocol <name>', 'of this protocol: tcp, udp, icmp, …, or its number', append)
    .option('--peer <addr|cidr>', 'with this peer, or any peer of this network', append)
    .option('--filter <scope>', `by the peer's address: ${PEER_SCOPES.join(', ')}`);
}

function addPresentation(program: Command): Command {
  return program
    .optionsGroup('How to show them:')
    .option('--by <group>', `add up by ${GROUPINGS.join(', ')}`)
    .option('--sort <key>', `order by ${SORT_KEYS.join(', ')}`)
    .option('--reverse', 'the other way round')
    .option('--limit <n>', `only the first n; 0 for all (on a terminal: ${TERMINAL_ROWS})`)
    .option('-n, --numeric', 'look no names up')
    .option('-b, --bytes', 'exact sizes (the default in a pipe)')
    .option('-H, --human', 'sizes such as 1.05 GiB (the default on a terminal)')
    .option('--json', 'the same as --format json')
    .option('--format <format>', FORMATS.join(', '));
}

function addSources(program: Command): Command {
  return program
    .optionsGroup('What to read:')
    .option('--source <source>', `${SOURCES.join(', ')}: what to read, instead of the best that works`)
    .option('--pid <pid>', 'the network namespace of this process', once)
    .option('--proc <dir>', 'a procfs from elsewhere: /host/proc, or a saved copy', once)
    .option('--input <file>', 'conntrack text from a file; - for standard input', once)
    .option('--stdin', 'the same as --input -')
    .option('--local <addr|cidr>', 'an address that is local, instead of the host’s own', append)
    .option('--strict', 'stop at the first malformed line (exit 3) instead of counting it');
}

const EXAMPLES = `
Examples:
  hostflow -n --active              which upstreams, and how many bytes each way
  hostflow --by peer --sort out     who gets the most from this host
  hostflow --json | jq '.[].peer'   for programs
  conntrack -L | hostflow --stdin   where there is no /proc/net/nf_conntrack
`;

function buildProgram(io: Io): Command {
  const program = new Command('hostflow')
    .description('Lists which peers carry this host’s traffic, and how many bytes go each way.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        for (const line of text.trimEnd().split('\n')) remark(io, line.replace(/^error: /, 'hostflow: '));
      },
      getOutHelpWidth: () => io.stdout.columns ?? 80,
    })
    .showHelpAfterError('Run hostflow --help for the flags.');
  addSources(addPresentation(addSelection(program)));
  program.addHelpText('after', EXAMPLES);
  // lsconntrack's short spellings: understood, and named beside the long ones above.
  return program
    .addOption(program.createOption('--aport <ports>').argParser(append).hideHelp())
    .addOption(program.createOption('--pport <ports>').argParser(append).hideHelp());
}

function formatOf(flags: Flags): Format {
  const format = FORMATS.find((name) => name === flags.format);
  if (flags.format !== undefined && format === undefined) {
    throw new HostflowError(
      EXIT.usage,
      `--format: expected one of ${FORMATS.join(', ')}, found "${flags.format}"`,
    );
  }
  if (flags.json === true && format !== undefined && format !== 'json') {
    throw new HostflowError(
      EXIT.usage,
      `--json and --format ${format} contradict each other: give one of them`,
    );
  }
  return flags.json === true ? 'json' : (format ?? 'table');
}

function standardInput(io: Io): Pick<SnapshotOptions, 'input' | 'inputName'> {
  const inputName = 'standard input';
  const { stdinFd } = io;
  if (stdinFd === undefined) return { input: io.stdin, inputName };
  // Node takes a directory there for an empty stream.
  if (fstatSync(stdinFd).isDirectory()) {
    throw new HostflowError(EXIT.sourceFailed, `cannot read ${inputName}: it is a directory`);
  }
  if (!isatty(stdinFd)) return { input: readStandardInput(stdinFd, () => io.stdin), inputName };
  remark(io, 'hostflow: reading conntrack text from the terminal (Ctrl-D ends it)');
  return { input: io.stdin, inputName };
}

function inputOptions(flags: Flags, io: Io): Pick<SnapshotOptions, 'input' | 'inputName'> {
  if (flags.stdin === true && flags.input !== undefined && flags.input !== '-') {
    throw new HostflowError(EXIT.usage, '--stdin and --input FILE contradict each other: give one of them');
  }
  if (flags.input === '')
    throw new HostflowError(EXIT.usage, '--input: expected a file, or - for standard input');
  if (flags.stdin === true || flags.input === '-') return standardInput(io);
  return flags.input === undefined ? {} : { input: flags.input };
}

function snapshotOptions(flags: Flags, io: Io, limit: string | number): SnapshotOptions {
  const { source, proc, pid, local, filter, by, sort, peer, protocol } = flags;
  const named = { source, proc, pid, local, filter, by, sort, peers: peer, protocols: protocol };
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

async function list(flags: Flags, io: Io): Promise<void> {
  const format = formatOf(flags);
  if (flags.bytes === true && flags.human === true) {
    throw new HostflowError(EXIT.usage, '--bytes and --human contradict each other: give one of them');
  }
  const isTerminal = io.stdout.isTTY === true;
  const defaultLimit = isTerminal && format === 'table' ? TERMINAL_ROWS : 0;
  const options = resolveSnapshotOptions(snapshotOptions(flags, io, flags.limit ?? defaultLimit));
  const { flows, warnings } = await takeSnapshot(options);
  for (const { message } of warnings) remark(io, `hostflow: ${message}`);
  const human = flags.human ?? (flags.bytes === true ? false : isTerminal);
  const columns = isTerminal ? io.stdout.columns : undefined;
  await writeAll(io.stdout, render(format, flows, { human, columns, limit: options.limit }));
}

/**
 * The command as a function: `argv` without node and script, and the streams to use. Never throws for what a user can
 * meet; what went wrong is one line on `stderr`.
 * @returns the exit code: 0 done, 1 a source failed, 2 usage, 3 a malformed line under `--strict`.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(io);
  try {
    program.parse(withTwoDashes(argv), { from: 'user' });
    await list(program.opts<Flags>(), io);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof HostflowError)) throw error;
    remark(io, `hostflow: ${error.message}`);
    return error.exitCode;
  }
}
