import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddressFull, parseIpAddress } from '../../parsers/address.js';
import { ipAddress } from '../../parsers/arbitraries/index.js';
import { counterFromBigint } from '../../parsers/counter.js';
import { AddressIds } from '../../src/engine/address-ids.js';
import { Connection, setCounters } from '../../src/engine/connection.js';
import { passes, PEER_SCOPES, type FlowFilter } from '../../src/model/filter.js';
import { limitRows, mapRows } from '../../src/model/flow-list.js';
import { FlowSums } from '../../src/engine/flow-sums.js';
import { AddressSet } from '../../src/model/address-set.js';
import { DIRECTIONS, type Direction, type FlowRow, type FlowSource } from '../../src/model/flow-row.js';
import { orderRows, SORT_KEYS, type RowOrder, type SortKey } from '../../src/model/order.js';
import { BIGGEST_KEY, compareColumns, sortPositions } from '../../src/model/sort-positions.js';
import type { Traffic } from '../../src/model/traffic.js';
import { SummedFlows } from '../../src/engine/summed-flows.js';

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
        // The third value tells apart what the biggest key hides from the columns.
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

interface Counted {
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

const rows: fc.Arbitrary<Counted[]> = fc.array(
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

function flowsOf(some: readonly Counted[]): SummedFlows {
  const addresses = new AddressIds();
  const sums = new FlowSums(addresses);
  const connection = new Connection();
  for (const row of some) {
    const [initiator = 0, responder = 0, dialled = 0] = row.addresses.map((text) => addresses.idOfText(text));
    Object.assign(connection, { initiator, responder, dialled, protocolNumber: row.protocolNumber });
    connection.hasPorts = row.protocolNumber !== 1;
    connection.responderPort = connection.hasPorts ? row.port : 0;
    connection.dialledPort = connection.hasPorts ? row.dialledPort : 0;
    const [a, b, c, d] = row.counters?.map(counterFromBigint) ?? [];
    setCounters(connection, a, b, c, d);
    sums.add(connection, row.direction, row.source);
  }
  return SummedFlows.of(sums);
}

/** One value that a listing compares, as text or an exact number. */
type Term = (row: FlowRow) => bigint | string | boolean;

type CounterKey = Exclude<SortKey, 'connections' | 'peer'>;

const counters: Record<CounterKey, (traffic: Traffic) => readonly (number | bigint)[]> = {
  bytes: ({ inbound, outbound }) => [inbound.bytes, outbound.bytes],
  in: ({ inbound }) => [inbound.bytes],
  out: ({ outbound }) => [outbound.bytes],
  packets: ({ inbound, outbound }) => [inbound.packets, outbound.packets],
};

const unknownLast: Term = ({ total }) => total === null;

function biggest(key: CounterKey, by: RowOrder['by']): Term {
  return ({ [by]: traffic }) =>
    traffic ? -counters[key](traffic).reduce<bigint>((sum, value) => sum + BigInt(value), 0n) : 0n;
}

function leadingTerms({ key, by }: Pick<RowOrder, 'key' | 'by'>): readonly Term[] {
  if (key === 'connections') return [];
  if (key === 'peer')
    return [({ key: { peer } }) => addressText(peer.addr), ({ key: { peer } }) => portText(peer.port)];
  const amount = biggest(key, by);
  return by === 'total' ? [unknownLast, amount] : [unknownLast, amount, biggest('bytes', 'total')];
}

function termsOf(order: Pick<RowOrder, 'key' | 'by'>): readonly Term[] {
  return [
    ...leadingTerms(order),
    ({ connections }) => -BigInt(connections),
    ({ key: { peer } }) => addressText(peer.addr),
    ({ key: { peer } }) => portText(peer.port),
    ({ key: { local } }) => addressText(local.addr),
    ({ key: { local } }) => portText(local.port),
    ({ key: { direction } }) => direction,
    ({ key: { protocol } }) => protocol,
    ({ key: { via } }) =>
      via === undefined ? '' : `${addressText(via.addr).slice(2)} ${via.port.padStart(5, '0')}`,
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

function compareByTerms(terms: readonly Term[], a: FlowRow, b: FlowRow): number {
  for (const term of terms) {
    const [ours, theirs] = [term(a), term(b)];
    if (ours !== theirs) return ours < theirs ? -1 : 1;
  }
  return 0;
}

function inOrderOfTerms(some: readonly FlowRow[], { reverse, ...order }: RowOrder): FlowRow[] {
  const terms = termsOf(order);
  const sorted = [...some].sort((a, b) => compareByTerms(terms, a, b));
  return reverse ? sorted.reverse() : sorted;
}

test('sums order their flows without making rows as a comparison of rows does, and so do arrays', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(...SORT_KEYS), fc.boolean(), (some, key, reverse) => {
      const flows = flowsOf(some);
      const order = { key, by: 'total', reverse } as const;
      const expected = inOrderOfTerms([...flows], order);
      assert.deepEqual([...flows.inOrder(key, reverse)], expected);
      assert.deepEqual(orderRows([...flows], order), expected);
    }),
  );
});

test('rows over time come by what they carried in the interval, then by their totals', () => {
  const delta = fc.tuple(counter, counter, counter, counter).map(([a, b, c, d]): Traffic => {
    const [inPackets = 0, inBytes = 0, outPackets = 0, outBytes = 0] = [a, b, c, d].map(counterFromBigint);
    return {
      inbound: { packets: inPackets, bytes: inBytes },
      outbound: { packets: outPackets, bytes: outBytes },
    };
  });
  const deltas = fc.array(delta, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rows, deltas, fc.constantFrom(...SORT_KEYS), fc.boolean(), (some, moved, key, reverse) => {
      const measured = [...flowsOf(some)].map((row, index): FlowRow => ({
        ...row,
        delta: row.total === null ? null : (moved[index % moved.length] ?? null),
      }));
      const order = { key, by: 'delta', reverse } as const;
      assert.deepEqual(orderRows(measured, order), inOrderOfTerms(measured, order));
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
  zones: fc.subarray([0, 5]),
  states: fc.constant([]),
  scope: fc.constantFrom(...PEER_SCOPES),
});

test('sums let those flows through that pass', () => {
  fc.assert(
    fc.property(rows, filters, (some, filter) => {
      const flows = flowsOf(some);
      assert.deepEqual(
        [...flows.filter(filter)],
        [...flows].filter(({ key }) => passes(key, filter)),
      );
    }),
  );
});

test('a part of a list is that part of its rows, changed or not', () => {
  const rename = (row: FlowRow): FlowRow => ({ ...row, name: 'db01.example' });
  fc.assert(
    fc.property(rows, fc.nat(MANY_ROWS), (some, limit) => {
      const flows = flowsOf(some);
      const all = [...flows];
      const expected = limit === 0 ? all : all.slice(0, limit);
      assert.equal(flows.length, all.length);
      assert.deepEqual([...limitRows(flows, limit)], expected);
      assert.deepEqual([...limitRows(mapRows(flows, rename), limit)], expected.map(rename));
    }),
  );
});
