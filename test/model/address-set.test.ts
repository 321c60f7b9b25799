import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress, formatIpAddressFull } from '../../parsers/address.js';
import { AddressSet, parseCidr } from '../../src/model/address-set.js';
import { isPrivateAddress } from '../../src/model/private-addresses.js';

// Few distinct bytes, so that addresses do meet networks.
const someByte = fc.oneof(fc.constantFrom(0, 10, 0xfd, 0xff), fc.nat(255));
const bytesOfEither = fc
  .constantFrom(4, 16)
  .chain((length) => fc.array(someByte, { minLength: length, maxLength: length }))
  .map((bytes) => Uint8Array.from(bytes));
const network = bytesOfEither.chain((bytes) =>
  fc.record({ bytes: fc.constant(bytes), prefixLength: fc.nat(bytes.length * 8) }),
);

function withBitFlipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));
}

test('an address set holds exactly the addresses that share the bits of a prefix', () => {
  fc.assert(
    fc.property(network, fc.nat(127), ({ bytes, prefixLength }, anyBit) => {
      const bit = anyBit % (bytes.length * 8);
      const set = new AddressSet([`${formatIpAddress(bytes)}/${prefixLength}`]);
      assert.ok(set.has(formatIpAddress(bytes)));
      assert.equal(set.has(formatIpAddress(withBitFlipped(bytes, bit))), bit >= prefixLength);
    }),
  );
});

test('an address set agrees with net.BlockList about many networks', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 5 }), bytesOfEither, (networks, bytes) => {
      const family = (value: Uint8Array) => (value.length === 4 ? 'ipv4' : 'ipv6');
      const oracle = new BlockList();
      for (const { bytes: base, prefixLength } of networks) {
        // The oracle lets ::/0 hold IPv4 addresses.
        if (base.length !== bytes.length) continue;
        oracle.addSubnet(formatIpAddress(base), prefixLength, family(base));
      }
      const set = new AddressSet(
        networks.map(({ bytes: base, prefixLength }) => `${formatIpAddress(base)}/${prefixLength}`),
      );
      const address = formatIpAddress(bytes);
      assert.equal(set.has(address), oracle.check(address, family(bytes)));
    }),
  );
});

test('an address set knows an address in any spelling, mapped or not', () => {
  fc.assert(
    fc.property(bytesOfEither, (bytes) => {
      const spellings = [formatIpAddress(bytes), formatIpAddressFull(bytes)];
      if (bytes.length === 4)
        spellings.push(`::ffff:${formatIpAddress(bytes)}`, `0:0:0:0:0:FFFF:${formatIpAddress(bytes)}`);
      for (const stored of spellings) {
        for (const asked of spellings) assert.ok(new AddressSet([stored]).has(asked));
      }
    }),
  );
});

test('an address set keeps the families apart otherwise', () => {
  assert.ok(!new AddressSet(['::/0']).has('10.0.0.1'));
  assert.ok(!new AddressSet(['::/0']).has('::ffff:10.0.0.1'));
  assert.ok(!new AddressSet(['0.0.0.0/0']).has('::10.0.0.1'));
  assert.ok(new AddressSet(['::ffff:0:0/96']).has('10.0.0.1'));
});

test('an address set holds nothing that is no address, and takes nothing that is none', () => {
  const set = new AddressSet(['0.0.0.0/0', '::/0']);
  for (const text of ['', 'localhost', '10.0.0.1/32', '10.0.0.256']) assert.ok(!set.has(text));
  assert.ok(!new AddressSet().has('10.0.0.1'));
  assert.throws(() => new AddressSet(['10.0.0.0/33']), /found "10\.0\.0\.0\/33"/);
});

test('a network in CIDR notation has an address and a prefix length', () => {
  assert.deepEqual(parseCidr('10.1.2.3/8'), { bytes: Uint8Array.of(10, 1, 2, 3), prefixLength: 8 });
  assert.deepEqual(parseCidr('10.1.2.3'), { bytes: Uint8Array.of(10, 1, 2, 3), prefixLength: 32 });
  assert.deepEqual(parseCidr('::ffff:10.0.0.0/104'), {
    bytes: Uint8Array.of(10, 0, 0, 0),
    prefixLength: 8,
  });
  assert.equal(parseCidr('fd00::/8')?.prefixLength, 8);
  assert.equal(parseCidr('::1')?.prefixLength, 128);
});

test('a network in CIDR notation is nothing else', () => {
  for (const text of [
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10/8',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '::/-1',
    '::/1e1',
  ]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('private addresses are those that are no peer on the internet', () => {
  const inside =
    '10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 127.0.0.53 169.254.1.1 0.0.0.0 224.0.0.251 255.255.255.255 ' +
    '::1 :: fe80::1 febf::1 fc00::1 fdff::1 ff02::fb ::ffff:10.0.0.1 ::ffff:192.168.0.1';
  for (const address of inside.split(' ')) assert.ok(isPrivateAddress(address), address);
});

test('private addresses are none of the others', () => {
  const outside =
    '9.255.255.255 11.0.0.0 172.15.0.1 172.32.0.1 192.167.1.1 100.63.0.1 100.128.0.1 128.0.0.1 169.253.1.1 1.1.1.1 ' +
    '2001:db8::1 fec0::1 fe00::1 ::2 ::ffff:8.8.8.8 64:ff9b::a00:1 localhost';
  for (const address of outside.split(' ')) assert.ok(!isPrivateAddress(address), address);
});
