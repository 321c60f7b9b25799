import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress } from '../../parsers/address.js';
import { parseFibTrie } from '../../src/kernel/procfs/fib-trie.js';
import { parseIfInet6 } from '../../src/kernel/procfs/if-inet6.js';
import { parseIpv6Routes } from '../../src/kernel/procfs/ipv6-route.js';
import { parseIgmp, parseIgmp6 } from '../../src/kernel/procfs/multicast-groups.js';

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

test('/proc/net/fib_trie has the local and broadcast routes of every table, each once', () => {
  assert.deepEqual(parseFibTrie(FIB_TRIE), {
    local: [
      { address: '127.0.0.0', prefixLength: 8 },
      { address: '127.0.0.1', prefixLength: 32 },
      { address: '192.0.2.2', prefixLength: 32 },
      { address: '198.18.0.0', prefixLength: 15 },
      { address: '203.0.113.7', prefixLength: 32 },
    ],
    broadcasts: ['127.255.255.255', '192.0.2.255'],
  });
});

test('/proc/net/fib_trie may hold anything else', () => {
  assert.deepEqual(parseFibTrie(''), { local: [], broadcasts: [] });
  assert.deepEqual(parseFibTrie('  /32 host LOCAL\n|-- 10.0.0.1\n /99 host LOCAL\n /32 link BROADCAST\n'), {
    local: [],
    broadcasts: ['10.0.0.1'],
  });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (junk) => {
      assert.deepEqual(parseFibTrie(`${junk}\n${FIB_TRIE}`).local.slice(-5), parseFibTrie(FIB_TRIE).local);
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

/** As Linux 6.18 prints it, in a namespace with an any-IP prefix on `lo`. */
const IPV6_ROUTE = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo
fd000005000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 80000001       lo
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
`;

test('/proc/net/ipv6_route has the local routes, any-IP prefixes too', () => {
  assert.deepEqual(parseIpv6Routes(IPV6_ROUTE), [
    { address: '::1', prefixLength: 128 },
    { address: 'fd00:5::', prefixLength: 64 },
  ]);
  assert.deepEqual(parseIpv6Routes(''), []);
  assert.deepEqual(parseIpv6Routes(`junk\nz${IPV6_ROUTE}`), parseIpv6Routes(IPV6_ROUTE));
});

test('/proc/net/igmp and igmp6 have the joined groups, each once', () => {
  const igmp = `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
1\tlo        :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
2\teth0      :     2      V3
\t\t\t\t110016EF     1 0:00000000\t\t0
\t\t\t\t010000E0     1 0:00000000\t\t0
`;
  assert.deepEqual(parseIgmp(igmp, true), ['224.0.0.1', '239.22.0.17']);
  assert.deepEqual(
    parseIgmp(igmp.replaceAll('010000E0', 'E0000001').replace('110016EF', 'EF160011'), false),
    ['224.0.0.1', '239.22.0.17'],
  );
  const igmp6 = `1    lo              ff020000000000000000000000000001     1 0000000C 0
2    eth0            ff020000000000000000000000000001     1 0000000C 0
2    eth0            ff0e0000000000000000000000000017     1 00000004 0
`;
  assert.deepEqual(parseIgmp6(igmp6), ['ff02::1', 'ff0e::17']);
  assert.deepEqual([parseIgmp(''), parseIgmp6('nothing\n')], [[], []]);
});
