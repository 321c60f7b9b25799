import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, established, fakeProc, listening, OWN } from '../support/fake-host.js';
import { ends, hostflow, rows } from '../support/run-in-memory.js';

const SOCKETS = {
  tcp: [
    listening('0.0.0.0:80'),
    established(`${OWN}:40001`, '10.0.1.10:3306'),
    established(`${OWN}:40002`, '10.0.1.10:3306'),
    established(`${OWN}:80`, '10.0.2.13:50001'),
  ],
};
const SOCKET_ROWS = [
  `${OWN}:many --> 10.0.1.10:3306 tcp 2 - - - -`,
  `${OWN}:80 <-- 10.0.2.13:many tcp 1 - - - -`,
];
const TRACKED = entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [1, 10], received: [2, 20] });

function joined(stdout: string): string[] {
  return rows(stdout).map((cells) => cells.join(' '));
}

test('where the conntrack table cannot be read: sockets are counted, and one line reports the missing file and the remedy', async () => {
  const { code, stdout, stderr } = await hostflow(['--proc', fakeProc(SOCKETS)]);
  assert.equal(code, 0);
  assert.deepEqual(joined(stdout), SOCKET_ROWS);
  assert.match(
    stderr,
    /^hostflow: conntrack cannot be read, so sockets are shown; their bytes are unknown; there is no \S+\/net\/nf_conntrack; [^\n]*modprobe nf_conntrack[^\n]*--stdin\n$/,
  );
});

test('where the conntrack table cannot be read: a table that tracks nothing is reported, and sockets are shown', async () => {
  const { code, stdout, stderr } = await hostflow(['--proc', fakeProc({ ...SOCKETS, conntrack: [] })]);
  assert.equal(code, 0);
  assert.deepEqual(joined(stdout), SOCKET_ROWS);
  assert.match(
    stderr,
    /^hostflow: the conntrack table is empty, so sockets are shown: no firewall rule uses ct[^\n]*add an nft rule with "ct state"\n$/,
  );
});

test('where the conntrack table cannot be read: in JSON the counters are null and the source is the sockets', async () => {
  const { stdout } = await hostflow(['--proc', fakeProc(SOCKETS), '--json']);
  const flows = JSON.parse(stdout) as { stat: null; source: string; connections: number }[];
  assert.deepEqual(
    flows.map(({ stat, source, connections }) => [stat, source, connections]),
    [
      [null, 'sockets', 2],
      [null, 'sockets', 1],
    ],
  );
});

test('where the conntrack table cannot be read: in CSV the counters are empty', async () => {
  const { stdout } = await hostflow(['--proc', fakeProc(SOCKETS), '--format', 'csv']);
  assert.match(stdout, /\r\nactive,tcp,10\.0\.1\.9,many,10\.0\.1\.10,3306,,,,2,,,,,sockets\r\n/);
});

test('where the conntrack table cannot be read: a directory in its place fails the run with the reason', async () => {
  const proc = fakeProc({ ...SOCKETS, files: { 'net/nf_conntrack/x': '' } });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.deepEqual(joined(stdout), SOCKET_ROWS);
  assert.match(
    stderr,
    /^hostflow: conntrack cannot be read, so sockets are shown; [^\n]*; cannot read \S+nf_conntrack: it is a directory\n$/,
  );
});

test('where the conntrack table cannot be read: no sockets either: the run fails and names both', async () => {
  const proc = fakeProc({ files: { 'net/tcp': undefined } });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: there is no \S+\/net\/nf_conntrack[^\n]*\/net\/tcp: no such file\n$/);
});

const bare = entry({ from: `${OWN}:40003`, to: '10.0.1.11:5432' });
const acct = (value: string): Record<string, string> => ({ 'sys/net/netfilter/nf_conntrack_acct': value });

test('entries without counters print "-", and the message names the switch that is off', async () => {
  const proc = fakeProc({ conntrack: [bare], files: acct('0\n') });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.deepEqual(joined(stdout), [`${OWN}:many --> 10.0.1.11:5432 tcp 1 - - - -`]);
  assert.match(
    stderr,
    /^hostflow: the entries have no byte counters, [^\n]*nf_conntrack_acct is off; [^\n]*run sysctl -w net\.netfilter\.nf_conntrack_acct=1\n$/,
  );
  assert.match(stderr, /to count new connections/);
});

test('entries without counters of older connections say that the switch is on by now, and how many they are', async () => {
  const proc = fakeProc({ conntrack: [bare, TRACKED], files: acct('1\n') });
  const { stdout, stderr } = await hostflow(['--proc', proc]);
  assert.deepEqual(joined(stdout), [
    `${OWN}:many --> 10.0.1.10:3306 tcp 1 2 20 1 10`,
    `${OWN}:many --> 10.0.1.11:5432 tcp 1 - - - -`,
  ]);
  assert.match(
    stderr,
    /^hostflow: 1 of 2 entries have no byte counters, [^\n]*before net\.netfilter\.nf_conntrack_acct was turned on/,
  );
});

test('--source: sockets counts sockets although there is a table, and prints no message', async () => {
  const proc = fakeProc({ ...SOCKETS, conntrack: [TRACKED] });
  const { code, stdout, stderr } = await hostflow(['--proc', proc, '--source', 'sockets']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(joined(stdout), SOCKET_ROWS);
});

test('--source: procfs and auto read the table where there is one', async () => {
  const proc = fakeProc({ conntrack: [TRACKED] });
  for (const source of ['procfs', 'auto']) {
    const { code, stdout, stderr } = await hostflow(['--proc', proc, '--source', source]);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.deepEqual(ends(stdout), [`${OWN}:many --> 10.0.1.10:3306`]);
  }
});

test('--source: procfs without a table fails, with no talk of the fallback that does not happen', async () => {
  const { code, stdout, stderr } = await hostflow(['--proc', fakeProc(SOCKETS), '--source', 'procfs']);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: --source procfs: there is no \S+\/net\/nf_conntrack; [^\n]*\n$/);
  assert.doesNotMatch(stderr, /instead/);
});

test('--source: sockets without a socket table fails', async () => {
  const proc = fakeProc({ conntrack: [TRACKED], files: { 'net/tcp': undefined } });
  const { code, stdout, stderr } = await hostflow(['--proc', proc, '--source', 'sockets']);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^hostflow: [^\n]*\/net\/tcp: no such file\n$/);
});

test('other places and tables: the older ip_conntrack is read where there is no nf_conntrack', async () => {
  const old = TRACKED.replace(/^ipv4 +2 /, '').replace(' zone=0', '');
  const proc = fakeProc({ files: { 'net/ip_conntrack': `${old}\n` } });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(joined(stdout), [`${OWN}:many --> 10.0.1.10:3306 tcp 1 2 20 1 10`]);
});

test('other places and tables: a table of kernel 2.4 is read, its expectations are skipped', async () => {
  const proc = fakeProc({
    files: {
      'net/ip_conntrack':
        `tcp      6 431999 ESTABLISHED src=${OWN} dst=10.0.1.10 sport=40001 dport=21 src=10.0.1.10 dst=${OWN} sport=21 dport=40001 [ASSURED] use=2 \n` +
        'EXPECTING: proto=6 src=10.0.1.10 dst=10.0.1.9 sport=0 dport=40002\n',
    },
  });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.match(stderr, /^hostflow: the entries have no byte counters[^\n]*\n$/);
  assert.deepEqual(joined(stdout), [`${OWN}:many --> 10.0.1.10:21 tcp 1 - - - -`]);
});

test('other places and tables: --pid reads everything from the directory of that process', async () => {
  const proc = fakeProc({
    ...SOCKETS,
    files: {
      'net/nf_conntrack': '',
      '4711/net/fib_trie': '  |-- 172.17.0.2\n     /32 host LOCAL\n',
      '4711/net/tcp': '',
      '4711/net/nf_conntrack': `${entry({ from: '172.17.0.2:40001', to: `${OWN}:3306`, sent: [1, 2], received: [3, 4] })}\n`,
    },
  });
  const { code, stdout, stderr } = await hostflow(['--proc', proc, '--pid', '4711']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(ends(stdout), [`172.17.0.2:many --> ${OWN}:3306`]);
});

test('other places and tables: a trailing slash of --proc does not matter', async () => {
  const proc = fakeProc({ conntrack: [TRACKED] });
  const { stdout } = await hostflow(['--proc', `${proc}//`]);
  assert.deepEqual(ends(stdout), [`${OWN}:many --> 10.0.1.10:3306`]);
});
