import fc from 'fast-check';
import { type Counter, counterFromBigint } from '../../parsers/counter.js';
import type { Endpoint, FlowKey, FlowRow } from '../../src/model/flow-row.js';
import { perSecond, type Traffic } from '../../src/model/traffic.js';

/** A counter or a sum of counters: small ones, 64-bit ones and beyond. */
export const arbitraryCounter: fc.Arbitrary<Counter> = fc
  .oneof(fc.bigInt(0n, 5000n), fc.bigInt(0n, 1n << 53n), fc.bigInt(0n, 1n << 70n))
  .map(counterFromBigint);

const counters = fc.record({ packets: arbitraryCounter, bytes: arbitraryCounter });

/** Any traffic. */
export const arbitraryTraffic: fc.Arbitrary<Traffic> = fc.record({ inbound: counters, outbound: counters });

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

const arbitraryKey: fc.Arbitrary<FlowKey> = fc.record(
  {
    direction: fc.constantFrom('active', 'passive', 'forwarded', 'loopback', 'many'),
    protocol: fc.constantFrom('tcp', 'udp', 'icmp', 'icmpv6', 'udplite', '253', 'many'),
    local: endpoint,
    peer: endpoint,
    via: endpoint,
  },
  { requiredKeys: ['direction', 'protocol', 'local', 'peer'] },
);

/** Any row of a listing that the stages before can hand over. */
export const arbitraryRow: fc.Arbitrary<FlowRow> = fc.record(
  {
    key: arbitraryKey,
    connections: fc.nat(),
    total: fc.option(arbitraryTraffic),
    source: fc.constantFrom('conntrack', 'sockets'),
    name: arbitraryName,
  },
  { requiredKeys: ['key', 'connections', 'total', 'source'] },
);

/** The length of the interval of which {@link arbitraryMeasuredRow} makes rows. */
export const MEASURED_SECONDS = 2;

/** Any row of an interval of {@link MEASURED_SECONDS}: all its numbers are known, or none. */
export const arbitraryMeasuredRow: fc.Arbitrary<FlowRow> = fc
  .tuple(arbitraryRow, arbitraryTraffic, fc.nat())
  .map(([row, traffic, live]): FlowRow => {
    const delta = row.total === null ? null : traffic;
    return { ...row, live, delta, rate: delta && perSecond(delta, MEASURED_SECONDS) };
  });

/** The changes to a row that a test needs; of the key only the fields that differ. */
export type RowChanges = Partial<Omit<FlowRow, 'key'>> & { key?: Partial<FlowKey> };

/** The row of the documentation's example, changed as a test needs it. */
export function exampleRow({ key, ...changes }: RowChanges = {}): FlowRow {
  return {
    key: {
      direction: 'active',
      protocol: 'tcp',
      local: { addr: '10.0.1.9', port: 'many' },
      peer: { addr: '10.0.1.10', port: '3306' },
      ...key,
    },
    connections: 22,
    total: {
      inbound: { packets: 423101, bytes: 1127428915 },
      outbound: { packets: 391822, bytes: 222717542 },
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
