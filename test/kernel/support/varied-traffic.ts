import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './network.js';
import { CLIENT, CLIENT6, SERVER, SERVER6, converse, exchange } from './topology.js';

const NOBODY_THERE = '192.0.2.99';
const SERVICE = '203.0.113.10';

const RULES = `
table ip nat {
  chain out {
    type nat hook output priority -100
    ip daddr ${SERVICE} tcp dport 3306 dnat to ${SERVER}:13306
  }
}
table ip ftp {
  ct helper passive-ftp {
    type "ftp" protocol tcp
  }
  chain out {
    type filter hook output priority filter
    tcp dport 21 ct helper set "passive-ftp"
  }
}
table inet marks {
  chain out {
    type route hook output priority mangle
    tcp dport 443 ct mark set 0xffffffff
    udp dport 53 ct label set 5
    udp dport 53 ct label set 127
  }
}
`;

/** Entries that this traffic does not make, as arguments of `conntrack -I` after the addresses. */
const INSERTED = [
  '-p gre --srckey 0x1f --dstkey 0xb00f',
  '-p sctp --sport 36412 --dport 38412 --state ESTABLISHED --orig-vtag 1 --reply-vtag 9',
  '-p udplite --sport 5004 --dport 5005',
  '-p dccp --sport 5006 --dport 5007 --state OPEN --role client',
  '-p 50 -m 42',
  '-p 112',
  '-p tcp --sport 40001 --dport 80 --state SYN_RECV -w 5',
  '-p tcp --sport 40002 --dport 80 --state LAST_ACK --orig-zone 5',
  '-p tcp --sport 40003 --dport 80 --state CLOSE_WAIT --reply-zone 65535',
  '-p tcp --sport 40004 --dport 80 --state SYN_SENT2 -m 4294967295',
  '-p tcp --sport 40005 --dport 80 --state ESTABLISHED -u SEEN_REPLY,ASSURED',
  '-p tcp --sport 40006 --dport 80 --state ESTABLISHED --src-nat 198.51.100.1',
  '-p udp --sport 40007 --dport 53 --dst-nat 198.51.100.53:5353',
];
const INSERTED6 = [
  '-p udplite --sport 5004 --dport 5005',
  '-p sctp --sport 36412 --dport 38412 --state SHUTDOWN_SENT --orig-vtag 3 --reply-vtag 9',
  '-p 50 -w 7',
  '-p tcp --sport 40001 --dport 80 --state NONE',
];

/**
 * Fills the client's table with every kind of entry: from traffic and by hand; with and without counters, timestamps, NAT,
 * marks, labels, helpers and zones. All its entries outlast a test.
 */
export async function variedTraffic(client: Host, server: Host): Promise<void> {
  client.track('without counters');
  client.nft(RULES);
  client.route(SERVER);
  client.sysctl('net/netfilter/nf_conntrack_icmp_timeout', '600');
  client.sysctl('net/netfilter/nf_conntrack_icmpv6_timeout', '600');
  client.sysctl('net/netfilter/nf_conntrack_udp_timeout', '600');
  client.sysctl('net/netfilter/nf_conntrack_tcp_timeout_close', '600');
  await exchange(client, server, { address: SERVER, port: 8080, request: 100, response: 100 });
  client.sysctl('net/netfilter/nf_conntrack_acct', '1');
  client.sysctl('net/netfilter/nf_conntrack_timestamp', '1');
  for (const address of [SERVER, SERVER6]) {
    const web = { address, port: 443, request: 1_500, response: 64_000 };
    await exchange(client, server, web);
    const halfClosed = await converse(client, server, web);
    await client.agent.call({ op: 'tcpClose', connection: halfClosed });
    const closed = await converse(client, server, web);
    await client.agent.call({ op: 'tcpClose', connection: closed });
    await server.agent.call({ op: 'tcpClose', connection: closed });
    await client.agent.call({ op: 'tcpConnect', address, port: 9 }).catch(() => undefined);
    await server.agent.call({ op: 'udpEcho', address, port: 53 });
    await client.agent.call({ op: 'udpExchange', address, port: 53, bytes: 400, count: 5 });
    client.do('ping', ['-n', '-q', '-c', '2', '-i', '0.2', address]);
  }
  client.try('ping', ['-n', '-q', '-c', '1', '-W', '1', NOBODY_THERE]);
  const behind = { address: SERVER, port: 13306 };
  await exchange(client, server, { address: SERVICE, port: 3306, listen: behind, request: 10, response: 10 });
  await exchange(client, server, { address: SERVER, port: 21, request: 10, response: 10 });
  insert(client);
  // Delayed acknowledgements still count.
  await sleep(300);
}

function insert(host: Host): void {
  for (const [entries, source, destination] of [
    [INSERTED, CLIENT, SERVER],
    [INSERTED6, CLIENT6, SERVER6],
  ] as const) {
    for (const entry of entries) {
      host.do('conntrack', ['-I', '-s', source, '-d', destination, '-t', '900', ...entry.split(' ')]);
    }
  }
}
