import { AgentProcess } from './agent-process.js';
import { Running } from './background.js';
import { mustRun, run, type Finished } from './commands.js';

/** Rules that make the kernel track connections, and nothing else. */
const TRACKING_RULES = `
table inet tracking {
  chain in { type filter hook prerouting priority filter; ct state new,established,related counter; }
  chain out { type filter hook output priority filter; ct state new,established,related counter; }
}
`;

const FORWARD_RULES = `
table ip forwarding {
  chain through { type filter hook forward priority filter; ct state new,established,related counter; }
}
`;

/** One machine of a test network: a network namespace. */
export class Host {
  readonly namespace: string;
  #agent: AgentProcess | undefined;
  readonly #running: Running[] = [];
  readonly #atEnd: (() => void)[] = [];

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** The traffic generator in this host, started at its first use. */
  get agent(): AgentProcess {
    this.#agent ??= new AgentProcess(this.namespace);
    return this.#agent;
  }

  /** Runs a command in here that has to succeed. */
  do(command: string, args: readonly string[], input = ''): string {
    return mustRun('ip', ['netns', 'exec', this.namespace, command, ...args], input);
  }

  /** Runs a command in here whose outcome is for the test to judge. */
  try(command: string, args: readonly string[], input = ''): Finished {
    return run('ip', ['netns', 'exec', this.namespace, command, ...args], input);
  }

  /** Starts a command in here, which ends with the host at the latest. */
  start(command: string, args: readonly string[]): Running {
    const running = new Running('ip', ['netns', 'exec', this.namespace, command, ...args]);
    this.#running.push(running);
    return running;
  }

  /** Has something done when the test has ended, as a process that stays would keep the test's own alive. */
  atEnd(act: () => void): void {
    this.#atEnd.push(act);
  }

  nft(rules: string): void {
    this.do('nft', ['-f', '-'], rules);
  }

  sysctl(name: string, value: string): void {
    this.do('tee', [`/proc/sys/${name}`], value);
  }

  /** Switches connection tracking on, counters included unless told otherwise. */
  track(accounting: 'with counters' | 'without counters' = 'with counters'): void {
    this.sysctl('net/netfilter/nf_conntrack_acct', accounting === 'with counters' ? '1' : '0');
    this.nft(TRACKING_RULES);
  }

  /** Tracks what the host forwards, and counts it. */
  trackForwarded(): void {
    this.sysctl('net/netfilter/nf_conntrack_acct', '1');
    this.nft(FORWARD_RULES);
  }

  forward(): void {
    this.sysctl('net/ipv4/ip_forward', '1');
    this.sysctl('net/ipv6/conf/all/forwarding', '1');
  }

  route(gateway: string): void {
    const family = gateway.includes(':') ? '-6' : '-4';
    this.do('ip', [family, 'route', 'add', 'default', 'via', gateway]);
  }

  table(): string {
    return this.do('cat', ['/proc/net/nf_conntrack']);
  }

  /** The TCP segments that this host has sent more than once. */
  repeatedSegments(): number {
    const [names, values] = this.do('grep', ['^Tcp:', '/proc/net/snmp'])
      .split('\n')
      .map((line) => line.split(' '));
    return Number(values?.[names?.indexOf('RetransSegs') ?? -1]);
  }

  async end(): Promise<void> {
    for (const act of this.#atEnd) act();
    await Promise.all(this.#running.map((running) => running.end('SIGKILL')));
    await this.#agent?.end();
  }
}

/** The end of a cable: interface name and addresses (`192.0.2.1/24`). */
interface Plug {
  host: Host;
  device: string;
  addresses: readonly string[];
}

/** Hosts and the cables between them. Names hold our process id: test files run side by side. */
export class Network {
  static #made = 0;
  readonly #hosts: Host[] = [];
  readonly #removeAtExit = (): void => {
    this.#removeNamespaces();
  };
  readonly #exit = (): void => process.exit(130);

  constructor() {
    process.once('exit', this.#removeAtExit);
    process.once('SIGINT', this.#exit);
    process.once('SIGTERM', this.#exit);
  }

  host(label: string): Host {
    const host = new Host(`hf${process.pid}-${++Network.#made}-${label}`);
    mustRun('ip', ['netns', 'add', host.namespace]);
    this.#hosts.push(host);
    // Without duplicate address detection IPv6 works at once.
    host.sysctl('net/ipv6/conf/default/accept_dad', '0');
    host.do('ip', ['link', 'set', 'lo', 'up']);
    return host;
  }

  /** A second traffic generator in a host that there is already: a connection within it needs one at either end. */
  another(host: Host): Host {
    const other = new Host(host.namespace);
    this.#hosts.push(other);
    return other;
  }

  cable(one: Plug, other: Plug): void {
    const end = (plug: Plug): string[] => ['name', plug.device, 'netns', plug.host.namespace];
    mustRun('ip', ['link', 'add', ...end(one), 'type', 'veth', 'peer', ...end(other)]);
    for (const { host, device, addresses } of [one, other]) {
      for (const address of addresses) {
        host.do('ip', [
          'address',
          'add',
          address,
          'dev',
          device,
          ...(address.includes(':') ? ['nodad'] : []),
        ]);
      }
      host.do('ip', ['link', 'set', device, 'up']);
    }
  }

  /** The TCP segments that all hosts have sent more than once. */
  repeatedSegments(): number {
    return this.#hosts.reduce((sum, host) => sum + host.repeatedSegments(), 0);
  }

  async remove(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.end()));
    this.#removeNamespaces();
    process.off('exit', this.#removeAtExit);
    process.off('SIGINT', this.#exit);
    process.off('SIGTERM', this.#exit);
  }

  #removeNamespaces(): void {
    const namespaces = new Set(this.#hosts.splice(0).map((host) => host.namespace));
    for (const namespace of namespaces) run('ip', ['netns', 'del', namespace]);
  }
}
