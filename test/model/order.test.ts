import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddressFull, parseIpAddress } from '../../parsers/address.js';
import { ipAddress } from '../../parsers/arbitraries/index.js';
import { counterFromBigint } from '../../parsers/counter.js';
import { AddressTable } from '../../src/engine/address-ids.js';
import { Connection, setCounters } from '../../src/engine/connection.js';
import { passes, PEER_SCOPES, type FlowFilter } from '../../src/model/filter.js';
import { limitFlows, mapFlows } from '../../src/model/flow-list.js';
import { FlowTable } from '../../src/engine/flow-sums.js';
import { AddressSet } from '../../src/model/address-set.js';
import { DIRECTIONS, type Direction, type FlowSource, type HostFlow } from '../../src/model/host-flow.js';
import { orderFlows, SORT_KEYS, type SortKey } from '../../src/model/order.js';
import { BIGGEST_KEY, compareColumns, sortPositions } from '../../src/model/sort-positions.js';
import type { TableFlows } from '../../src/engine/summed-flows.js';

/** More than are sorted by comparing them alone. */
const MANY_ROWS = 300;

test('positions come by the first column, then by the next, and what is too big by the comparison', () => {
  const key = fc.oneof(
    fc.nat(2),
    fc.nat(),
    fc.maxSafeNat(),
    fc.constantFrom(2047, 2048, 2 ** 32, BIGGEST_KEY),
  );
  const rows = fc.array(fc.tuple(key, fc.nat(3), fc.maxSafeNat()), { maxLength: MANY_ROWS, size: 'max' });
  fc.assert(
    fc.property(rows, fc.tuple(fc.boolean(), fc.boolean()), (some, descending) => {
      const columns = descending.map((isDescending, column) => ({
        key: (position: number) => some[position]?.[column] ?? 0,
        descending: isDescending,
      }));
      const third = (position: number): number => some[position]?.[2] ?? 0;
      const compare = (a: number, b: number): number => {
        const [first, ...others] = columns;
        assert.ok(first);
        // What is behind the biggest key tells more than the columns do.
        const isBig = first.key(a) === BIGGEST_KEY && first.key(b) === BIGGEST_KEY;
        return (
          (isBig ? third(a) - third(b) : 0) ||
          compareColumns([first, ...others], a, b) ||
          third(a) - third(b) ||
          a - b
        );
      };
      const expected = some.map((_, position) => position).sort(compare);
      assert.deepEqual([...sortPositions(some.length, columns, compare)], expected);
    }),
  );
});

interface Row {
  direction: Direction;
  source: FlowSource;
  protocolNumber: number;
  addresses: readonly string[];
  port: number;
  dialledPort: number;
  counters: readonly [bigint, bigint, bigint, bigint] | undefined;
}

const address = fc.oneof(
  fc.constantFrom('192.0.2.1', '192.0.2.10', '192.0.2.9', '2001:db8::1', '::ffff:10.0.0.1', '::ffff:9.0.0.1'),
  ipAddress(),
);
const port = fc.constantFrom(0, 9, 80, 443, 65535);
const counter = fc.oneof(
  fc.bigInt(0n, 2n),
  fc.bigInt(0n, 1n << 53n),
  fc.bigInt((1n << 64n) - 3n, (1n << 64n) - 1n),
);

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    direction: fc.constantFrom(...DIRECTIONS),
    source: fc.constantFrom('conntrack', 'sockets'),
    protocolNumber: fc.constantFrom(1, 6, 17, 253),
    addresses: fc.tuple(address, address, address),
    port,
    dialledPort: port,
    counters: fc.option(fc.tuple(counter, counter, counter, counter), { nil: undefined }),
  }),
  { maxLength: MANY_ROWS, size: 'max' },
);

function tableOf(some: readonly Row[]): TableFlows {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const connection = new Connection();
  for (const row of some) {
    const [initiator = 0, responder = 0, dialled = 0] = row.addresses.map((text) => addresses.idOfText(text));
    Object.assign(connection, { initiator, responder, dialled, protocolNumber: row.protocolNumber });
    connection.hasPorts = row.protocolNumber !== 1;
    connection.responderPort = connection.hasPorts ? row.port : 0;
    connection.dialledPort = connection.hasPorts ? row.dialledPort : 0;
    const [a, b, c, d] = row.counters?.map(counterFromBigint) ?? [];
    setCounters(connection, a, b, c, d);
    table.add(connection, row.direction, row.source);
  }
  return table.flows();
}

/** What a listing compares, one after the other, as text or exact numbers. */
type Term = (flow: HostFlow) => bigint | string | boolean;

const unknownLast: Term = ({ stat }) => stat === null;
const biggest =
  (counters: (stat: NonNullable<HostFlow['stat']>) => readonly (number | bigint)[]): Term =>
  ({ stat }) =>
    stat === null ? 0n : -counters(stat).reduce<bigint>((sum, value) => sum + BigInt(value), 0n);

const leading: Record<SortKey, readonly Term[]> = {
  bytes: [unknownLast, biggest((stat) => [stat.total_inbound_bytes, stat.total_outbound_bytes])],
  in: [unknownLast, biggest((stat) => [stat.total_inbound_bytes])],
  out: [unknownLast, biggest((stat) => [stat.total_outbound_bytes])],
  packets: [unknownLast, biggest((stat) => [stat.total_inbound_packets, stat.total_outbound_packets])],
  connections: [],
  peer: [({ peer }) => addressText(peer.addr), ({ peer }) => portText(peer.port)],
};

function termsOf(key: SortKey): readonly Term[] {
  return [
    ...leading[key],
    ({ connections }) => -BigInt(connections),
    ({ peer }) => addressText(peer.addr),
    ({ peer }) => portText(peer.port),
    ({ local }) => addressText(local.addr),
    ({ local }) => portText(local.port),
    ({ direction }) => direction,
    ({ protocol }) => protocol,
    ({ via }) => (via === undefined ? '' : `${addressText(via.addr).slice(2)} ${via.port.padStart(5, '0')}`),
    ({ source }) => source,
    unknownLast,
  ];
}

/** By family, then by number. */
function addressText(text: string): string {
  const bytes = parseIpAddress(text);
  assert.ok(bytes);
  if (bytes.length === 16) return `6 ${formatIpAddressFull(bytes)}`;
  return `4 ${[...bytes].map((byte) => String(byte).padStart(3, '0')).join('.')}`;
}

/** No port, then the numbers, then many. */
function portText(text: string): string {
  return text === '-' ? '' : text === 'many' ? text : text.padStart(5, '0');
}

function compareByTerms(terms: readonly Term[], a: HostFlow, b: HostFlow): number {
  for (const term of terms) {
    const [ours, theirs] = [term(a), term(b)];
    if (ours !== theirs) return ours < theirs ? -1 : 1;
  }
  return 0;
}

test('a table orders its flows without making them as a comparison of flows does, and so do arrays', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(...SORT_KEYS), fc.boolean(), (some, key, reverse) => {
      const flows = tableOf(some);
      const terms = termsOf(key);
      const expected = [...flows].sort((a, b) => compareByTerms(terms, a, b));
      if (reverse) expected.reverse();
      assert.deepEqual([...flows.inOrder(key, reverse)], expected);
      assert.deepEqual(orderFlows([...flows], key, reverse), expected);
    }),
  );
});

const range = fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const ranges = fc.array(range, { maxLength: 2 });
const filters: fc.Arbitrary<FlowFilter> = fc.record({
  directions: fc.subarray([...DIRECTIONS]),
  activePorts: ranges,
  passivePorts: ranges,
  protocols: fc.subarray(['tcp', 'icmp', '253']),
  peers: fc.option(
    fc.array(address, { maxLength: 3 }).map((texts) => new AddressSet(texts)),
    { nil: undefined },
  ),
  scope: fc.constantFrom(...PEER_SCOPES),
});

test('a table lets those flows through that pass', () => {
  fc.assert(
    fc.property(rows, filters, (some, filter) => {
      const flows = tableOf(some);
      assert.deepEqual(
        [...flows.filter(filter)],
        [...flows].filter((flow) => passes(flow, filter)),
      );
    }),
  );
});

test('a part of a list is that part of its flows, changed or not', () => {
  const rename = (flow: HostFlow): HostFlow => ({ ...flow, peer: { ...flow.peer, name: 'db01.example' } });
  fc.assert(
    fc.property(rows, fc.nat(MANY_ROWS), (some, limit) => {
      const flows = tableOf(some);
      const all = [...flows];
      const expected = limit === 0 ? all : all.slice(0, limit);
      assert.equal(flows.length, all.length);
      assert.deepEqual([...limitFlows(flows, limit)], expected);
      assert.deepEqual([...limitFlows(mapFlows(flows, rename), limit)], expected.map(rename));
    }),
  );
});
