import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalAddress, parseHostsFile } from '../../src/names/hosts-file.js';

test('the canonical name of a line, the first line of an address', () => {
  const text = [
    '# comment',
    '127.0.0.1\tlocalhost loopback # and a comment',
    '127.0.0.1 other',
    '',
    '10.0.0.5   db01\r',
    '0:0:0:0:0:0:0:1 ip6-localhost',
    '10.0.0.6',
    '10.0.0.7#nothing',
  ].join('\n');
  assert.deepEqual(
    parseHostsFile(text),
    new Map([
      ['127.0.0.1', 'localhost'],
      ['10.0.0.5', 'db01'],
      ['::1', 'ip6-localhost'],
    ]),
  );
});

test('an IPv6 address has one spelling', () => {
  assert.equal(canonicalAddress('2001:0DB8:0:0::0001'), '2001:db8::1');
  assert.equal(canonicalAddress('fe80::1%eth0'), 'fe80::1%eth0');
  assert.equal(canonicalAddress('10.0.0.1'), '10.0.0.1');
});
