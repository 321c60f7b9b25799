import { existsSync } from 'node:fs';
import { findCommand, mustRun } from './commands.js';
import { LOCAL_ADDRESS, PEER_NETWORK } from './entries.js';
import { Unavailable } from './unavailable.js';

const PREFIX = 'hfbench-';

/** Makes the kernel track outgoing packets. Drops the generated packets after they are counted. */
const TRACKING_RULES = `
table inet bench {
  chain out {
    type filter hook output priority filter
    ip saddr ${PEER_NETWORK} drop
    ip daddr ${PEER_NETWORK} drop
    ct state new,established accept
  }
}
`;

/** A network namespace with {@link LOCAL_ADDRESS} in it. */
export class BenchNamespace {
  readonly name: string;

  /** Makes the namespace. @throws Unavailable if this user or machine cannot make one */
  constructor(label: string) {
    if (process.getuid?.() !== 0) throw new Unavailable('making a network namespace needs root');
    for (const command of ['ip', 'nft', 'conntrack']) {
      if (findCommand(command) === undefined) throw new Unavailable(`${command} is not installed`);
    }
    this.name = `${PREFIX}${process.pid}-${label}`;
    try {
      mustRun('ip', ['netns', 'add', this.name]);
    } catch (error) {
      throw new Unavailable(`cannot make a network namespace: ${String(error)}`);
    }
  }

  /** The prefix that runs a command in the namespace, without a process in between. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  do(command: string, args: readonly string[], input = ''): string {
    return mustRun('ip', ['netns', 'exec', this.name, command, ...args], input);
  }

  sysctl(name: string, value: string): void {
    this.do('tee', [`/proc/sys/net/${name}`], value);
  }

  /** Sets up addresses and routes. All traffic stays on the loopback interface. */
  bringUp(): void {
    this.do('ip', ['link', 'set', 'lo', 'up']);
    this.do('ip', ['address', 'add', `${LOCAL_ADDRESS}/32`, 'dev', 'lo']);
    this.do('ip', ['route', 'add', PEER_NETWORK, 'dev', 'lo']);
    this.sysctl('ipv4/ip_local_port_range', '1024 65535');
  }

  /** Enables connection tracking with counters. */
  track(): void {
    this.sysctl('netfilter/nf_conntrack_acct', '1');
    this.sysctl('netfilter/nf_conntrack_tcp_be_liberal', '1');
    // With the default timeouts, UDP entries would expire before the last round.
    this.sysctl('netfilter/nf_conntrack_udp_timeout', '86400');
    this.sysctl('netfilter/nf_conntrack_udp_timeout_stream', '86400');
    this.do('nft', ['-f', '-'], TRACKING_RULES);
    if (this.do('ls', ['/proc/self/net']).includes('nf_conntrack\n')) return;
    throw new Unavailable('this kernel has no /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS)');
  }

  entries(): number {
    return Number(this.do('cat', ['/proc/sys/net/netfilter/nf_conntrack_count']));
  }

  remove(): void {
    mustRun('ip', ['netns', 'del', this.name]);
  }
}

/** Removes namespaces of benchmarks that were killed. */
export function removeStaleNamespaces(): void {
  if (process.getuid?.() !== 0 || findCommand('ip') === undefined) return;
  for (const line of mustRun('ip', ['netns', 'list']).split('\n')) {
    const [, name, pid] = /^(hfbench-(\d+)-\S+)/.exec(line) ?? [];
    if (name !== undefined && !existsSync(`/proc/${pid ?? ''}`)) mustRun('ip', ['netns', 'del', name]);
  }
}
