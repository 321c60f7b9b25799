import { LOCAL_ADDRESS, type Extent } from './place/entries.js';
import { MAIN } from './repository.js';
import type { Scale } from './place/scale.js';
import type { Place, Workshop } from './place/workshop.js';

/** One process to measure. */
export interface Invocation {
  command: readonly string[];
  /** The command that runs it in a network namespace; empty to run it in ours. */
  prefix?: readonly string[];
  /** A file that is piped into the process. */
  pipedFrom?: string;
  /** Its output goes to a pseudo-terminal and is not dropped. */
  onTerminal?: true;
}

/** A process that is measured repeatedly, alternating with the others. */
export interface Case {
  id: string;
  label: string;
  /** Number of host flows that hostflow must list. */
  hostFlows?: number;
  /** Makes the input of the process. @throws Unavailable if this machine cannot make it */
  prepare: (workshop: Workshop) => Promise<Invocation> | Invocation;
}

/** Factor between the entries of the usual text and of the long one. */
export const LONG = 10;

/** Adds up the bytes of the original direction by destination: the script one would write without hostflow. */
export const AWK_PROGRAM = `{
  destination = ""; bytes = 0
  for (i = 1; i <= NF; i++) {
    if (destination == "" && $i ~ /^dst=/) destination = substr($i, 5)
    if ($i ~ /^bytes=/) { bytes = substr($i, 7); break }
  }
  total[destination] += bytes
}
END { for (destination in total) print destination, total[destination] }`;

/** hostflow's command line. It asks for numeric output, because name lookups depend on the network. */
export function hostflow(...flags: string[]): string[] {
  return [process.execPath, MAIN, '-n', ...flags];
}

/** hostflow's command line for a generated file. */
export function hostflowOn(file: string, ...flags: string[]): string[] {
  return hostflow('--local', LOCAL_ADDRESS, '--input', file, ...flags);
}

/** Every process for the table of targets, in series. The namespaces of a series are removed before the next one. */
export function series(scale: Scale): Case[][] {
  return [[...startCases(), ...textCases(scale)], liveCases(scale), besideSocketsCases(scale), socketCases()];
}

const READ_PROCFS = hostflow('--source', 'procfs', '--json');

const inside =
  (place: Place, command: readonly string[]): Case['prepare'] =>
  async (workshop) => ({ command, prefix: (await workshop.namespace(place)).prefix });

const readLoop =
  (place: Place, file: string): Case['prepare'] =>
  async (workshop) => ({
    command: [workshop.readLoop(), file],
    prefix: (await workshop.namespace(place)).prefix,
  });

function liveCases({ live }: Scale): Case[] {
  const count = live.entries.toLocaleString('en');
  const hostFlows = live.flows;
  return [
    {
      id: 'procfs',
      label: `hostflow --source procfs, ${count} live entries`,
      hostFlows,
      prepare: inside('entries', READ_PROCFS),
    },
    {
      id: 'netlink',
      label: `hostflow --source netlink, ${count} live entries`,
      hostFlows,
      prepare: inside('entries', hostflow('--source', 'netlink', '--json')),
    },
    {
      id: 'conntrack',
      label: `conntrack -L, ${count} live entries`,
      prepare: inside('entries', ['conntrack', '-L']),
    },
    {
      id: 'read-table',
      label: 'C read loop, /proc/net/nf_conntrack of these',
      prepare: readLoop('entries', '/proc/net/nf_conntrack'),
    },
  ];
}

function besideSocketsCases({ live, sockets }: Scale): Case[] {
  return [
    {
      id: 'procfs-and-sockets',
      label: `hostflow --source procfs, as many entries beside ${sockets.toLocaleString('en')} sockets`,
      hostFlows: live.flows,
      prepare: inside('entries-and-sockets', READ_PROCFS),
    },
    {
      id: 'read-sockets',
      label: 'C read loop, /proc/net/tcp of these',
      prepare: readLoop('entries-and-sockets', '/proc/net/tcp'),
    },
  ];
}

function socketCases(): Case[] {
  return [
    {
      id: 'sockets',
      label: 'hostflow --source sockets, the same sockets without entries',
      prepare: inside('sockets', hostflow('--source', 'sockets', '--json')),
    },
    {
      id: 'netlink-sockets',
      label: 'hostflow --source netlink, the same sockets without entries',
      prepare: inside('sockets', hostflow('--source', 'netlink', '--json')),
    },
    {
      id: 'ss',
      label: 'ss -tni, the same sockets',
      prepare: inside('sockets', ['ss', '-tni']),
    },
  ];
}

function textCases({ usual, rows }: Scale): Case[] {
  const { entries, flows } = usual;
  const count = (number: number): string => number.toLocaleString('en');
  const long: Extent = { entries: entries * LONG, flows };
  const distinct: Extent = { entries, flows: entries };
  const onText = (extent: Extent, ...flags: string[]): Case['prepare'] => {
    return (workshop) => ({ command: hostflowOn(workshop.text(extent), ...flags) });
  };
  const onPipe = (...command: string[]): Case['prepare'] => {
    return (workshop) => ({ command, pipedFrom: workshop.text(usual) });
  };
  return [
    {
      id: 'stdin',
      label: `hostflow --stdin, ${count(entries)} lines`,
      hostFlows: flows,
      prepare: onPipe(...hostflow('--local', LOCAL_ADDRESS, '--stdin', '--json')),
    },
    { id: 'wc', label: 'wc -l, the same pipe', prepare: onPipe('wc', '-l') },
    { id: 'awk', label: 'awk, bytes per destination, the same pipe', prepare: onPipe('awk', AWK_PROGRAM) },
    {
      id: 'input',
      label: `hostflow --input, ${count(entries)} lines`,
      hostFlows: flows,
      prepare: onText(usual, '--json'),
    },
    {
      id: 'input-long',
      label: `hostflow --input, ${count(long.entries)} lines`,
      hostFlows: flows,
      prepare: onText(long, '--json'),
    },
    {
      id: 'input-distinct',
      label: `hostflow --input, ${count(entries)} lines of as many host flows`,
      hostFlows: entries,
      prepare: onText(distinct, '--json'),
    },
    {
      id: 'rows-json',
      label: `hostflow --json, ${count(rows)} host flows`,
      hostFlows: rows,
      prepare: onText({ entries: rows, flows: rows }, '--json'),
    },
    {
      id: 'rows-table',
      label: `hostflow --limit 0, ${count(rows)} table rows`,
      prepare: onText({ entries: rows, flows: rows }, '--limit', '0'),
    },
  ];
}

function startCases(): Case[] {
  const bare = [process.execPath, '-e', '0'];
  return [
    { id: 'node', label: 'node -e 0', prepare: () => ({ command: bare }) },
    { id: 'empty-json', label: 'hostflow --json, empty table', prepare: inside('empty', hostflow('--json')) },
    { id: 'empty-table', label: 'hostflow, empty table, piped', prepare: inside('empty', hostflow()) },
    {
      id: 'empty-terminal',
      label: 'hostflow, empty table, on a terminal',
      prepare: async (workshop) => ({
        command: hostflow(),
        prefix: (await workshop.namespace('empty')).prefix,
        onTerminal: true,
      }),
    },
  ];
}
