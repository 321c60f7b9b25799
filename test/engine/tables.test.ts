import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipAddress } from '../../parsers/arbitraries/index.js';
import { parseIpAddress } from '../../parsers/address.js';
import { AddressSet } from '../../src/model/address-set.js';
import { AddressIds } from '../../src/engine/address-ids.js';
import { IntTuples } from '../../src/engine/int-tuples.js';
import { LocalVerdicts } from '../../src/engine/local-verdicts.js';

test('tuples have the indices in which they first came, however many there are', () => {
  const some = fc.array(fc.tuple(fc.integer(), fc.integer({ min: -2, max: 2 }), fc.nat(3)), {
    maxLength: 500,
  });
  fc.assert(
    fc.property(some, (tuples) => {
      const table = new IntTuples(3);
      const seen = new Map<string, number>();
      for (const tuple of tuples) {
        const key = Int32Array.from(tuple);
        const expected = seen.get(tuple.join());
        assert.equal(table.find(key), expected ?? -1);
        assert.equal(table.add(key), expected ?? seen.size);
        seen.set(tuple.join(), expected ?? seen.size);
        assert.equal(table.count, seen.size);
      }
      for (const [text, index] of seen) {
        assert.equal([0, 1, 2].map((position) => table.get(index, position)).join(), text);
      }
    }),
  );
});

test('an address has one id, whatever it comes as, and gives its canonical text back', () => {
  fc.assert(
    fc.property(fc.array(ipAddress(), { maxLength: 300 }), (texts) => {
      const table = new AddressIds();
      const ids = texts.map((text) => table.idOfText(text));
      assert.equal(new Set(ids).size, new Set(texts).size);
      for (const [index, text] of texts.entries()) {
        const bytes = Buffer.from(parseIpAddress(text) ?? []);
        const embedded = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]);
        assert.equal(
          table.idAt(new DataView(embedded.buffer, embedded.byteOffset), 3, bytes.length),
          ids[index],
        );
        assert.equal(table.text(ids[index] ?? -1), text);
      }
    }),
  );
});

test('more addresses than are remembered as text give their texts back all the same', () => {
  const table = new AddressIds();
  const texts = Array.from({ length: 5000 }, (_, index) =>
    index % 2 === 0 ? `10.0.${index >> 8}.${index & 255}` : `2001:db8::${(index + 0x1000).toString(16)}`,
  );
  const ids = texts.map((text) => table.idOfText(text));
  for (const order of [ids, ids.toReversed(), ids]) {
    for (const id of order) assert.equal(table.text(id), texts[ids.indexOf(id)]);
  }
});

test('ranks are in the order of the numbers, IPv4 first, also when addresses came since', () => {
  const addresses = fc.array(ipAddress(), { maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(addresses, addresses, (some, more) => {
      const table = new AddressIds();
      for (const texts of [some, [...some, ...more]]) {
        const byRank = texts.map((text) => ({ text, rank: table.rank(table.idOfText(text)) }));
        for (const each of byRank) each.rank = table.rank(table.idOfText(each.text));
        byRank.sort((a, b) => a.rank - b.rank);
        const inOrder = texts.map((text) => Buffer.from(parseIpAddress(text) ?? []));
        inOrder.sort((a, b) => a.length - b.length || a.compare(b));
        assert.deepEqual(
          byRank.map(({ text }) => Buffer.from(parseIpAddress(text) ?? [])),
          inOrder,
        );
      }
    }),
  );
});

test('an id is local where its address is', () => {
  const networks = fc.array(fc.tuple(ipAddress('ipv4'), fc.nat(32)), { maxLength: 4 });
  fc.assert(
    fc.property(networks, fc.array(ipAddress(), { maxLength: 100 }), (some, addresses) => {
      const local = new AddressSet([...some.map((cidr) => cidr.join('/')), 'fd00::/8', '::ffff:10.0.0.1']);
      const table = new AddressIds();
      const verdicts = new LocalVerdicts(table, local);
      for (const address of [...addresses, ...some.map(([text]) => text), '10.0.0.1', ...addresses]) {
        assert.equal(verdicts.isLocal(table.idOfText(address)), local.has(address), address);
      }
    }),
  );
});
