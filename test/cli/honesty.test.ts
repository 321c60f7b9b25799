import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { entry, established, fakeProc, fileOf, lines, listening, OWN, socket } from '../support/fake-host.js';
import { ends, hostflow } from '../support/run-in-memory.js';
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

test('prints all of the listing although the reader of its messages has gone', () => {
  const all = Array.from({ length: 20_000 }, (_, i) =>
    entry({ from: `${OWN}:1`, to: `10.2.${i >> 8}.${i & 255}:443`, sent: [1, 1], received: [1, 1] }),
  );
  const file = fileOf(lines(...all, 'rubbish'));
  const { stdout } = spawnSync(
    'bash',
    [
      '-c',
      `{ "${process.execPath}" "${MAIN}" -n --format ndjson --local ${OWN} --input ${file} 2>&1 1>&3 | exec true; } 3>&1 | wc -l`,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stdout.trim(), '20000');
});

test('a live socket is never forwarded: its local end is this host', async () => {
  const proc = fakeProc({
    tcp: [established(`${OWN}:40001`, '10.0.1.10:3306')],
    files: { 'net/fib_trie': undefined, 'net/if_inet6': undefined },
  });
  const { stdout } = await hostflow(['--proc', proc]);
  assert.deepEqual(ends(stdout), [`${OWN}:many --> 10.0.1.10:3306`]);
});

test('unknown local addresses are reported', async () => {
  const proc = fakeProc({
    conntrack: [entry({ from: `${OWN}:1`, to: '10.0.1.10:80', sent: [1, 1], received: [1, 1] })],
    files: { 'net/fib_trie': undefined, 'net/if_inet6': undefined },
  });
  const { stderr } = await hostflow(['--proc', proc]);
  assert.match(stderr, /local address/);
});

test('standard input that is a directory fails', () => {
  const { status } = spawnSync('bash', ['-c', `"${process.execPath}" "${MAIN}" --stdin < /tmp`]);
  assert.equal(status, 1);
});

test('malformed lines of ip_conntrack are reported under its name', async () => {
  const proc = fakeProc({ files: { 'net/ip_conntrack': 'rubbish\n' } });
  assert.match((await hostflow(['--proc', proc])).stderr, /net\/ip_conntrack/);
});

test('messages carry no control characters', async () => {
  for (const flag of [
    '--sort=',
    '--peer=',
    '--limit=',
    '--protocol=',
    '--aport=',
    '--filter=',
    '--pid=',
    '--input=/tmp/',
    '--proc=/tmp/',
    '--',
  ]) {
    const { stderr } = await hostflow([`${flag}\u001b[31mred`]);
    assert.ok(!stderr.includes('\u001b'), `${flag}: ${JSON.stringify(stderr)}`);
  }
});

test('a port filter whose direction is not shown is not dropped silently', async () => {
  const { code, stdout } = await hostflow(['--stdin', '--local', OWN, '-p', '--aport', '3306'], {
    stdin: lines(entry({ from: '10.0.2.9:1', to: `${OWN}:80`, sent: [1, 1], received: [1, 1] })),
  });
  assert.ok(code === 2 || ends(stdout).length === 0, stdout);
});

test('an unreadable udp table under --source sockets is reported, and conntrack is not mentioned', async () => {
  const proc = fakeProc({ files: { 'net/udp': undefined, 'net/udp/x': '' } });
  assert.doesNotMatch(
    (await hostflow(['--proc', proc, '--source', 'sockets'])).stderr,
    /as conntrack has them/,
  );
});

test('flows that are hidden because both ends are local are reported', async () => {
  const { stderr } = await hostflow(['--stdin', '--local', '10.0.0.0/8'], {
    stdin: lines(entry({ from: `${OWN}:1`, to: '10.0.1.10:80', sent: [1, 1], received: [1, 1] })),
  });
  assert.match(stderr, /--loopback/);
});

test('a route for a transparent proxy makes no address local but those of interfaces', async () => {
  const trie = `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 host LOCAL
     |-- ${OWN}
        /32 host LOCAL
`;
  const proc = fakeProc({
    conntrack: [entry({ from: `${OWN}:1`, to: '10.0.1.10:80', sent: [1, 1], received: [1, 1] })],
    files: { 'net/fib_trie': trie },
  });
  assert.deepEqual(ends((await hostflow(['--proc', proc])).stdout), [`${OWN}:many --> 10.0.1.10:80`]);
});

test('an entry that conntrack saw being opened keeps its direction, and so does its socket', async () => {
  const opening = entry({ from: `${OWN}:6881`, to: '10.0.1.10:6881', sent: [1, 60], received: [0, 0] });
  const tcp = [listening('0.0.0.0:6881'), socket(`${OWN}:6881`, '10.0.1.11:6881', 2)];
  const proc = fakeProc({ conntrack: [opening.replace('ESTABLISHED', 'SYN_SENT')], tcp });
  assert.deepEqual(ends((await hostflow(['--proc', proc])).stdout), [
    `${OWN}:many --> 10.0.1.10:6881`,
    `${OWN}:many --> 10.0.1.11:6881`,
  ]);
});

test('a --local that matches nothing is reported for tables too, loopback entries or not', async () => {
  const conntrack = [
    entry({ from: `${OWN}:1`, to: '10.0.1.10:80', sent: [1, 1], received: [1, 1] }),
    entry({ from: '127.0.0.1:1', to: '127.0.0.1:80', sent: [1, 1], received: [1, 1] }),
  ];
  const { stderr } = await hostflow(['--proc', fakeProc({ conntrack }), '--local', '192.0.2.1']);
  assert.match(
    stderr,
    /every entry counts as forwarded, as none touches an address given by --local; check the addresses/,
  );
});

test("Go's spelling of switches is understood", async () => {
  const conntrack = [entry({ from: `${OWN}:1`, to: '10.0.1.10:80', sent: [1, 1], received: [1, 1] })];
  const proc = fakeProc({ conntrack });
  const { code, stdout } = await hostflow([
    '--proc',
    proc,
    '-json=true',
    '-passive=false',
    '-a=1',
    '-aport=80',
  ]);
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as unknown[]).length, 1);
});
