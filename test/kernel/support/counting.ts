import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './network.js';

/** A service that a host's connections go to. */
export interface Service {
  protocol: 'tcp' | 'udp';
  port: number;
}

/** The traffic to a service and from it. Packets and bytes are those of IP, as in conntrack. */
export interface Passed {
  sent: { packets: number; bytes: number };
  received: { packets: number; bytes: number };
}

const LONGEST_REST = 20_000;
/** Longer than an acknowledgement is delayed. */
const REST_MILLISECONDS = 250;

/** The firewall of a host as the one who counts: each service has two counters, in chains that everything passes. */
export class Counting {
  readonly #host: Host;

  constructor(host: Host, services: readonly Service[]) {
    this.#host = host;
    const rule = ({ protocol, port }: Service, end: 'sport' | 'dport', name: string): string =>
      `${protocol} ${end} ${port} counter name ${counterName({ protocol, port }, name)}\n`;
    host.nft(`
      table inet counting {
        ${services.map((of) => `counter ${counterName(of, 'sent')} { }\ncounter ${counterName(of, 'received')} { }`).join('\n')}
        chain in { type filter hook input priority filter;
          ${services.map((of) => rule(of, 'sport', 'received')).join('')}
        }
        chain out { type filter hook output priority filter;
          ${services.map((of) => rule(of, 'dport', 'sent')).join('')}
        }
      }
    `);
  }

  /** The traffic since the rules were made. */
  passed(service: Service): Passed {
    return { sent: this.#counter(service, 'sent'), received: this.#counter(service, 'received') };
  }

  /** The same once it has come to rest. */
  async atRest(service: Service): Promise<Passed> {
    let before = this.passed(service);
    for (let waited = 0; waited < LONGEST_REST; waited += REST_MILLISECONDS) {
      await sleep(REST_MILLISECONDS);
      const now = this.passed(service);
      if (now.sent.packets === before.sent.packets && now.received.packets === before.received.packets)
        return now;
      before = now;
    }
    throw new Error(`${service.protocol} ${service.port} never came to rest`);
  }

  #counter(service: Service, name: 'sent' | 'received'): { packets: number; bytes: number } {
    const text = this.#host.do('nft', ['list', 'counter', 'inet', 'counting', counterName(service, name)]);
    const [, packets, bytes] = /packets (\d+) bytes (\d+)/.exec(text) ?? [];
    return { packets: Number(packets), bytes: Number(bytes) };
  }
}

function counterName({ protocol, port }: Service, name: string): string {
  return `${protocol}_${port}_${name}`;
}

/** The traffic between two readings. */
export function passedSince(before: Passed, after: Passed): Passed {
  const difference = (name: keyof Passed): Passed['sent'] => ({
    packets: after[name].packets - before[name].packets,
    bytes: after[name].bytes - before[name].bytes,
  });
  return { sent: difference('sent'), received: difference('received') };
}
