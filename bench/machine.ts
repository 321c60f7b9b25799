import { cpus, loadavg, release, totalmem } from 'node:os';
import { spawnSync } from 'node:child_process';
import { conntrackLimit } from './place/live-entries.js';

const BYTES_PER_GIB = 1 << 30;
const VERSION_FLAGS: readonly (readonly [command: string, ...flags: string[]])[] = [
  ['conntrack', '--version'],
  ['ss', '--version'],
  ['cc', '--version'],
  ['wc', '--version'],
  ['awk', '-W', 'version'],
];

/** The facts that the figures depend on, one sentence each, without the machine's name. */
export function describeMachine(): string[] {
  const processors = cpus();
  const memory = Math.round(totalmem() / BYTES_PER_GIB);
  const [max, buckets] = [conntrackLimit('max'), conntrackLimit('buckets')];
  const limits =
    max === undefined || buckets === undefined ? 'not loaded' : `${max} entries, ${buckets} buckets`;
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown CPU'}, ${memory} GiB of memory`,
    `Linux ${release().replace(/-.*/, '')}, Node.js ${process.version}`,
    `connection tracking: ${limits} at most (nf_conntrack_max and nf_conntrack_buckets, read-only in a namespace)`,
    `peers: ${peerVersions().join('; ')}`,
  ];
}

function peerVersions(): string[] {
  return VERSION_FLAGS.map(([command, ...flags]) => {
    const { error, stdout, stderr } = spawnSync(command, flags, { encoding: 'utf8', input: '' });
    if (error !== undefined) return `no ${command}`;
    const [firstLine = ''] = `${stdout}${stderr}`.split('\n');
    return `${command}: ${firstLine.trim()}`;
  });
}

/** The load average: processes that wanted to run, averaged over the last minute. It includes ours. */
export function loadAverage(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
