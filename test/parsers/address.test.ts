import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalIpAddress,
  formatIpAddress,
  formatIpAddressFull,
  formatIpAddressGlibc,
  parseIpAddress,
  unmapIpv4,
} from '../../parsers/address.js';

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
const ipv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff])));
const mapped = ipv4.map((quad) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...quad));
const compatible = ipv4.map((quad) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...quad));
const address = fc.oneof(ipv4, ipv6, mapped, compatible);

function bytesOf(text: string): Uint8Array {
  const bytes = parseIpAddress(text);
  assert.ok(bytes, text);
  return bytes;
}

test('IP addresses come back from every text form', () => {
  fc.assert(
    fc.property(address, (bytes) => {
      for (const format of [formatIpAddress, formatIpAddressFull, formatIpAddressGlibc]) {
        assert.deepEqual(parseIpAddress(format(bytes)), bytes);
        assert.deepEqual(parseIpAddress(format(bytes).toUpperCase()), bytes);
        assert.equal(canonicalIpAddress(format(bytes)), formatIpAddress(bytes));
      }
    }),
  );
});

test('IP addresses are spelled as the URL standard spells them, but for the dotted tail', () => {
  fc.assert(
    fc.property(fc.oneof(ipv6, compatible), (bytes) => {
      const text = formatIpAddress(bytes);
      const host = new URL(`http://[${formatIpAddressFull(bytes)}]/`).hostname.slice(1, -1);
      if (!text.includes('.')) assert.equal(text, host);
    }),
  );
});

test('IP addresses are taken and refused as by inet_pton', () => {
  const piece = fc.constantFrom(
    '::',
    ':',
    '.',
    '0',
    '1',
    'ff',
    'FFFF',
    '12345',
    '255',
    '256',
    '01',
    'g',
    '1.2.3.4',
  );
  const nearly = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''));
  const sixGroups = fc.array(fc.constantFrom('0', '1', 'abcd', ''), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(
      fc.oneof(
        nearly,
        fc.string(),
        sixGroups.map((pieces) => pieces.join(':')),
      ),
      (text) => {
        const bytes = text.includes('%') ? undefined : parseIpAddress(text);
        const family = text.includes('%') ? 0 : isIP(text);
        assert.equal(bytes?.length ?? 0, family === 0 ? 0 : family === 4 ? 4 : 16, text);
      },
    ),
    { numRuns: 2000 },
  );
});

test('IP addresses are refused where they carry more than an address', () => {
  for (const text of [
    '',
    'fe80::1%eth0',
    '[::1]',
    ' ::1',
    '10.0.0.1 ',
    '10.0.0.01',
    '1:2:3:4:5:6:7:8::',
    '::1:',
  ]) {
    assert.equal(parseIpAddress(text), undefined, text);
    assert.equal(canonicalIpAddress(text), undefined, text);
  }
  assert.equal(parseIpAddress(':'.repeat(100_000)), undefined);
  assert.equal(parseIpAddress('1'.repeat(100_000)), undefined);
});

test('IP addresses have one canonical text', () => {
  const cases = {
    '0:0:0:0:0:0:0:0': '::',
    '2001:DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
    '1:2:3:4:5:6:7::': '1:2:3:4:5:6:7:0',
    'fd77:0001:0000:0000:0000:0000:0000:0002': 'fd77:1::2',
    '::10.0.0.1': '::a00:1',
    '::FFFF:A00:1': '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1': '64:ff9b::a00:1',
    '255.255.255.255': '255.255.255.255',
  };
  for (const [text, canonical] of Object.entries(cases)) assert.equal(canonicalIpAddress(text), canonical);
});

test('IP addresses print as glibc prints them', () => {
  const cases = {
    '::10.0.0.1': '::10.0.0.1',
    '::1:0': '::0.1.0.0',
    '::1': '::1',
    '::': '::',
    '::ffff:0.0.0.0': '::ffff:0.0.0.0',
    '::1:2:3': '::1:2:3',
    '1::ffff:a00:1': '1::ffff:a00:1',
  };
  for (const [text, printed] of Object.entries(cases))
    assert.equal(formatIpAddressGlibc(bytesOf(text)), printed);
});

test('IP addresses print as %pI6 prints them', () => {
  assert.equal(formatIpAddressFull(bytesOf('fd77:1::2')), 'fd77:0001:0000:0000:0000:0000:0000:0002');
  assert.equal(formatIpAddressFull(bytesOf('10.0.0.1')), '10.0.0.1');
});

test('IP addresses lose the IPv4 mapping, and only that', () => {
  fc.assert(
    fc.property(mapped, (bytes) => {
      const inner = formatIpAddress(bytes.slice(12));
      assert.equal(unmapIpv4(formatIpAddress(bytes)), inner);
      assert.equal(unmapIpv4(formatIpAddressFull(bytes)), inner);
    }),
  );
  for (const text of [
    '::a00:1',
    '10.0.0.1',
    '1::ffff:10.0.0.1',
    '::ffff:ffff:10.0.0.1',
    ':ffff:',
    'db:ffff:01',
  ]) {
    assert.equal(unmapIpv4(text), text);
  }
});

test('IP addresses have 4 or 16 bytes', () => {
  for (const format of [formatIpAddress, formatIpAddressFull, formatIpAddressGlibc]) {
    assert.throws(() => format(new Uint8Array(5)), RangeError);
  }
});
