import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Cleanup } from './cleanup.js';
import { mustRun } from './commands.js';
import { BenchNamespace } from './namespace.js';
import { compile } from './native.js';

const CLIENT = '192.0.2.1';
const SERVER = '192.0.2.2';
/** An address for benchmarks (RFC 2544). The server drops its packets. */
const SINK = '198.18.0.0';
const FIRST_PORT = 8000;
/** One host flow a port. They give enough tuples that connections still in the kernel's table do not block new ones. */
const PORTS = 8;

const TRACKING_RULES = `
table inet bench {
  chain in { type filter hook prerouting priority filter; ct state new,established counter; }
  chain out { type filter hook output priority filter; ct state new,established counter; }
}
`;

/** Two namespaces joined by a virtual cable. The client tracks its connections, with the kernel's default timeouts. */
export class OverTimePlace {
  readonly client: BenchNamespace;
  readonly #server: BenchNamespace;
  readonly #cleanup: Cleanup;
  readonly #connections: string;
  readonly #datagrams: string;

  /** Makes both namespaces. @throws Unavailable without root, a required command, or a C compiler */
  constructor(directory: string, cleanup: Cleanup) {
    this.#cleanup = cleanup;
    this.#connections = compile('connections', directory);
    this.#datagrams = compile('datagrams', directory);
    this.client = this.#namespace('client');
    this.#server = this.#namespace('server');
    const end = ({ name }: BenchNamespace): string[] => ['name', 'eth0', 'netns', name];
    mustRun('ip', ['link', 'add', ...end(this.client), 'type', 'veth', 'peer', ...end(this.#server)]);
    for (const [namespace, address] of [
      [this.client, CLIENT],
      [this.#server, SERVER],
    ] as const) {
      namespace.do('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
      namespace.do('ip', ['link', 'set', 'eth0', 'up']);
      namespace.sysctl('ipv4/ip_local_port_range', '1024 65535');
    }
    this.client.do('ip', ['route', 'add', `${SINK}/24`, 'via', SERVER]);
    this.#server.do('ip', ['route', 'add', 'blackhole', `${SINK}/24`]);
    this.client.sysctl('netfilter/nf_conntrack_acct', '1');
    this.client.do('nft', ['-f', '-'], TRACKING_RULES);
  }

  /** Starts a server that answers and closes. It runs until the end. */
  async serve(): Promise<void> {
    const server = this.#start(this.#server, [this.#connections, 'serve', SERVER, ...ports()], 'pipe');
    if (server.stdout !== null) await once(server.stdout, 'data');
  }

  /** Opens `perSecond` connections a second for `seconds`. Resolves to the number of connections made. */
  open(perSecond: number, seconds: number): Promise<number> {
    const args = ['open', SERVER, ...ports(), String(perSecond), String(seconds)];
    return numberOf(this.#start(this.client, [this.#connections, ...args], 'pipe'));
  }

  /**
   * Sends `perSecond` datagrams a second, each a flow that ends after `timeoutSeconds`. Resolves to the number sent.
   */
  send(perSecond: number, seconds: number, timeoutSeconds: number): Promise<number> {
    this.client.sysctl('netfilter/nf_conntrack_udp_timeout', String(timeoutSeconds));
    const args = [this.#datagrams, SINK, String(perSecond), String(seconds)];
    return numberOf(this.#start(this.client, args, 'pipe'));
  }

  /** Starts a process in the client's namespace. The child's id is that of the process itself. */
  run(command: readonly string[]): ChildProcess {
    return this.#start(this.client, command, 'pipe');
  }

  flush(): void {
    this.client.do('conntrack', ['-F']);
  }

  #start(namespace: BenchNamespace, command: readonly string[], output: 'pipe'): ChildProcess {
    const [program = '', ...prefix] = namespace.prefix;
    const child = spawn(program, [...prefix, ...command], { stdio: ['ignore', output, 'pipe'] });
    this.#cleanup.add(() => child.kill('SIGKILL'));
    return child;
  }

  #namespace(label: string): BenchNamespace {
    const namespace = new BenchNamespace(label);
    this.#cleanup.add(() => {
      namespace.remove();
    });
    namespace.do('ip', ['link', 'set', 'lo', 'up']);
    return namespace;
  }
}

function ports(): string[] {
  return [String(FIRST_PORT), String(PORTS)];
}

async function numberOf(child: ChildProcess): Promise<number> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`the load generator failed: ${stderr.trim()}`);
  return Number(stdout);
}
