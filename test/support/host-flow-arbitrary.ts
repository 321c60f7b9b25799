import fc from 'fast-check';
import { type Counter, counterFromBigint } from '../../parsers/counter.js';
import type { Endpoint, HostFlow, PeerEndpoint } from '../../src/model/host-flow.js';

/** A counter or a sum of counters: small ones, 64-bit ones and beyond. */
export const arbitraryCounter: fc.Arbitrary<Counter> = fc
  .oneof(fc.bigInt(0n, 5000n), fc.bigInt(0n, 1n << 53n), fc.bigInt(0n, 1n << 70n))
  .map(counterFromBigint);

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constant('2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff'),
  fc.constant('many'),
);
const port = fc.oneof(fc.constantFrom('many', '-'), fc.integer({ min: 0, max: 65535 }).map(String));

/** Names as an attacker's DNS may give them: anything, often with escape sequences in them. */
export const arbitraryName: fc.Arbitrary<string> = fc.oneof(
  fc.domain(),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[31m',
        '\u001b]0;title\u0007',
        '\u009b2J',
        '\u202e',
        '\r\n',
        '\t',
        ',',
        '"',
        'host',
        '例え',
      ),
    )
    .map((parts) => parts.join('')),
);

const endpoint: fc.Arbitrary<Endpoint> = fc.record({ addr: address, port });
const peer: fc.Arbitrary<PeerEndpoint> = fc.record(
  { addr: address, port, name: arbitraryName },
  { requiredKeys: ['addr', 'port'] },
);

/** Any host flow that the stages before can hand over. */
export const arbitraryHostFlow: fc.Arbitrary<HostFlow> = fc.record(
  {
    direction: fc.constantFrom('active', 'passive', 'forwarded', 'loopback', 'many'),
    protocol: fc.constantFrom('tcp', 'udp', 'icmp', 'icmpv6', 'udplite', '253', 'many'),
    local: endpoint,
    peer,
    via: endpoint,
    connections: fc.nat(),
    stat: fc.option(
      fc.record({
        total_inbound_packets: arbitraryCounter,
        total_inbound_bytes: arbitraryCounter,
        total_outbound_packets: arbitraryCounter,
        total_outbound_bytes: arbitraryCounter,
      }),
    ),
    source: fc.constantFrom('conntrack', 'sockets'),
  },
  { requiredKeys: ['direction', 'protocol', 'local', 'peer', 'connections', 'stat', 'source'] },
);

/** The flow of the documentation's example, changed as a test needs it. */
export function exampleFlow(changes: Partial<HostFlow> = {}): HostFlow {
  return {
    direction: 'active',
    protocol: 'tcp',
    local: { addr: '10.0.1.9', port: 'many' },
    peer: { addr: '10.0.1.10', port: '3306' },
    connections: 22,
    stat: {
      total_inbound_packets: 423101,
      total_inbound_bytes: 1127428915,
      total_outbound_packets: 391822,
      total_outbound_bytes: 222717542,
    },
    source: 'conntrack',
    ...changes,
  };
}

/** All chunks of a rendering. */
export async function chunksOf(rendering: Iterable<string> | AsyncIterable<string>): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of rendering) chunks.push(chunk);
  return chunks;
}

/** A rendering as one string. */
export async function textOf(rendering: Iterable<string> | AsyncIterable<string>): Promise<string> {
  return (await chunksOf(rendering)).join('');
}
