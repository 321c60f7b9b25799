import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress } from '../../parsers/address.js';
import { parseFibTrie } from '../../src/kernel/procfs/fib-trie.js';
import { parseIfInet6 } from '../../src/kernel/procfs/if-inet6.js';

/** In the shape that Linux 6.18 prints; the leaves below 198.18.0.0 and of `Id 100` are made up (any-IP, a table of its own, `tos`). */
const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/30 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
  +-- 0.0.0.0/0 2 0 2
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
     |-- 198.18.0.0
        /24 link UNICAST
        /15 host LOCAL
Id 100:
  |-- 203.0.113.7
     /32 host LOCAL tos=16
`;

const IF_INET6 = `00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000002 04 40 00 82     eth0
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fe8000000000000000fc00fffe000001 05 40 20 80     eth1
`;

test('/proc/net/fib_trie has the local routes of every table, each once', () => {
  assert.deepEqual(parseFibTrie(FIB_TRIE), [
    { address: '127.0.0.0', prefixLength: 8 },
    { address: '127.0.0.1', prefixLength: 32 },
    { address: '192.0.2.2', prefixLength: 32 },
    { address: '198.18.0.0', prefixLength: 15 },
    { address: '203.0.113.7', prefixLength: 32 },
  ]);
});

test('/proc/net/fib_trie may hold anything else', () => {
  assert.deepEqual(parseFibTrie(''), []);
  assert.deepEqual(
    parseFibTrie('  /32 host LOCAL\n|-- 10.0.0.1\n /99 host LOCAL\n /32 link BROADCAST\n'),
    [],
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (junk) => {
      assert.deepEqual(parseFibTrie(`${junk}\n${FIB_TRIE}`).slice(-5), parseFibTrie(FIB_TRIE));
    }),
  );
});

test('/proc/net/if_inet6 has the addresses of every interface, each once', () => {
  assert.deepEqual(parseIfInet6(IF_INET6), ['::1', 'fd00::2', 'fe80::fc:ff:fe00:1']);
});

test('/proc/net/if_inet6 holds any address', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const line = `${Buffer.from(bytes).toString('hex')} 02 40 00 80     eth0\n`;
      assert.deepEqual(parseIfInet6(line), [formatIpAddress(bytes)]);
    }),
  );
});

test('/proc/net/if_inet6 may hold anything else', () => {
  assert.deepEqual(parseIfInet6(''), []);
  assert.deepEqual(parseIfInet6(`not an address\nfd00 04 40 00 82 eth0\nz${IF_INET6}`), [
    'fd00::2',
    'fe80::fc:ff:fe00:1',
  ]);
});
