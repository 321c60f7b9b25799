import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { entry, fakeProc, OWN } from '../support/fake-host.js';
import { hostflow, rows } from '../support/run-in-memory.js';

const CONNTRACK = [
  entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [10, 1000], received: [20, 1_127_428_915] }),
  entry({ from: '10.0.2.13:50001', to: `${OWN}:80`, sent: [30, 3000], received: [40, 4000] }),
];
const proc = (): string => fakeProc({ conntrack: CONNTRACK });

/** The fields that lsconntrack prints, and no others. */
const LSCONNTRACK_SCRIPT =
  '.[] | [.direction, .local.addr, .local.port, .peer.addr, .peer.port, .stat.total_inbound_bytes]';

const expected = [
  {
    direction: 'active',
    protocol: 'tcp',
    local: { addr: OWN, port: 'many' },
    peer: { addr: '10.0.1.10', port: '3306' },
    connections: 1,
    stat: {
      total_inbound_packets: 20,
      total_inbound_bytes: 1_127_428_915,
      total_outbound_packets: 10,
      total_outbound_bytes: 1000,
    },
    source: 'conntrack',
  },
  {
    direction: 'passive',
    protocol: 'tcp',
    local: { addr: OWN, port: '80' },
    peer: { addr: '10.0.2.13', port: 'many' },
    connections: 1,
    stat: {
      total_inbound_packets: 30,
      total_inbound_bytes: 3000,
      total_outbound_packets: 40,
      total_outbound_bytes: 4000,
    },
    source: 'conntrack',
  },
];

test('JSON is one array of objects in the documented shape, by whichever flag', async () => {
  const { stdout } = await hostflow(['--proc', proc(), '--json']);
  assert.deepEqual(JSON.parse(stdout), expected);
  for (const flags of [['-json'], ['--format', 'json'], ['--format=json', '--json']]) {
    assert.equal((await hostflow(['--proc', proc(), ...flags])).stdout, stdout, flags.join(' '));
  }
});

test('JSON is a line each as ndjson', async () => {
  const { stdout } = await hostflow(['--proc', proc(), '--format', 'ndjson']);
  assert.ok(stdout.endsWith('}\n'));
  const flows = stdout.trimEnd().split('\n');
  assert.deepEqual(
    flows.map((line) => JSON.parse(line) as unknown),
    expected,
  );
});

test('JSON feeds a jq script that was written for lsconntrack', async (t) => {
  const { stdout } = await hostflow(['--proc', proc(), '-json', '-active']);
  const jq = spawnSync('jq', ['--compact-output', LSCONNTRACK_SCRIPT], { input: stdout, encoding: 'utf8' });
  if (jq.error !== undefined) {
    t.skip('jq is not installed');
    return;
  }
  assert.equal(jq.stderr, '');
  assert.equal(jq.stdout, `["active","${OWN}","many","10.0.1.10","3306",1127428915]\n`);
});

test('JSON is the same on a terminal, whatever its width, and with --human', async () => {
  const { stdout } = await hostflow(['--proc', proc(), '--json']);
  assert.equal((await hostflow(['--proc', proc(), '--json'], { columns: 40 })).stdout, stdout);
  assert.equal((await hostflow(['--proc', proc(), '--json', '--human'])).stdout, stdout);
});

test('CSV has a header, and lines that end in CR LF', async () => {
  const { stdout } = await hostflow(['--proc', proc(), '--format', 'csv']);
  assert.equal(
    stdout,
    'direction,protocol,local_addr,local_port,peer_addr,peer_port,peer_name,via_addr,via_port,connections,' +
      'inbound_packets,inbound_bytes,outbound_packets,outbound_bytes,source\r\n' +
      `active,tcp,${OWN},many,10.0.1.10,3306,,,,1,20,1127428915,10,1000,conntrack\r\n` +
      `passive,tcp,${OWN},80,10.0.2.13,many,,,,1,30,3000,40,4000,conntrack\r\n`,
  );
});

const MAX = 2n ** 64n - 1n;
const BEYOND = 2n ** 53n + 1n;
const conntrack = [
  entry({ from: `${OWN}:1`, to: '10.0.1.1:80', sent: [1, BEYOND], received: [2, MAX - 5n] }),
  entry({ from: `${OWN}:2`, to: '10.0.1.1:80', sent: [BEYOND, 2], received: [3, 5] }),
];
const sums = [5n, MAX, BEYOND + 1n, BEYOND + 2n].map(String);

test('counters are exact up to 2^64−1, and so are their sums, in every format', async () => {
  const output = async (...flags: string[]): Promise<string> =>
    (await hostflow(['--proc', fakeProc({ conntrack }), ...flags])).stdout;
  assert.deepEqual(rows(await output())[0]?.slice(5), sums);
  assert.deepEqual(rows(await output('--bytes'))[0]?.slice(5), sums);
  for (const flags of [['--json'], ['--format', 'ndjson']]) {
    const digits = [...(await output(...flags)).matchAll(/"total_\w+":(\d+)/g)].map((match) => match[1]);
    assert.deepEqual(digits, sums);
  }
  assert.ok((await output('--format', 'csv')).includes(`,2,${sums.join(',')},conntrack`));
});

test('counters are printed without an exponent or a loss at the edge of the safe integers', async () => {
  for (const value of [2n ** 53n - 1n, 2n ** 53n, BEYOND, MAX]) {
    const one = [entry({ from: `${OWN}:1`, to: '10.0.1.1:80', sent: [value, value], received: [0, 0] })];
    const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: one })]);
    assert.deepEqual(rows(stdout)[0]?.slice(5), ['0', '0', String(value), String(value)]);
  }
});

test('counters of more than 64 bits make a line malformed', async () => {
  const tooMuch = [entry({ from: `${OWN}:1`, to: '10.0.1.1:80', sent: [1, MAX + 1n], received: [0, 0] })];
  const { code, stdout, stderr } = await hostflow(['--proc', fakeProc({ conntrack: tooMuch })]);
  assert.equal(code, 0);
  assert.deepEqual(rows(stdout), []);
  assert.match(stderr, /1 malformed line .*bytes.*"18446744073709551616"/);
});

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    entry({ from: `${OWN}:4000`, to: `10.0.1.10:${1000 + i}`, sent: [1, 1024], received: [1, 2048] }),
  );

test('a terminal and a pipe: a pipe gets exact sizes, a terminal readable ones; --bytes and --human turn that round', async () => {
  const inbound = async (flags: string[], columns?: number): Promise<string> =>
    (await hostflow(['--proc', proc(), '-a', ...flags], columns === undefined ? {} : { columns })).stdout;
  assert.match(await inbound([]), / 1127428915 /);
  assert.match(await inbound([], 160), / 1\.05 GiB /);
  for (const flag of ['-H', '--human']) assert.match(await inbound([flag]), / 1\.05 GiB /);
  for (const flag of ['-b', '--bytes']) assert.match(await inbound([flag], 160), / 1127428915 /);
});

test('a terminal and a pipe: a terminal gets 50 rows and a hint how to see the rest', async () => {
  const host = fakeProc({ conntrack: many(53) });
  const { stdout } = await hostflow(['--proc', host], { columns: 160 });
  const printed = stdout.trimEnd().split('\n');
  assert.equal(printed.length, 1 + 50 + 1);
  assert.match(printed.at(-1) ?? '', /3 more host flows.*--limit 0/);
  const all = await hostflow(['--proc', host, '--limit', '0'], { columns: 160 });
  assert.equal(all.stdout.trimEnd().split('\n').length, 1 + 53);
  const three = await hostflow(['--proc', host, '--limit', '3'], { columns: 160 });
  assert.match(three.stdout.trimEnd().split('\n').at(-1) ?? '', /50 more host flows/);
});

test('a terminal and a pipe: a pipe gets all rows and no remark', async () => {
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: many(53) })]);
  assert.equal(rows(stdout).length, 53);
  assert.doesNotMatch(stdout, /more/);
});

for (const columns of [40, 80, 160]) {
  test(`a terminal and a pipe: no line is wider than a terminal of ${columns} columns, and no address is lost`, async () => {
    const long = '[2001:db8:1111:2222:3333:4444:5555:6666]';
    const conntrack = [
      ...CONNTRACK,
      entry({ from: '[fd77::9]:4000', to: `${long}:443`, sent: [2n ** 60n, 2n ** 63n], received: [1, 1] }),
    ];
    const { stdout } = await hostflow(['--proc', fakeProc({ conntrack })], { columns });
    for (const line of stdout.split('\n')) assert.ok(line.length <= columns, line);
    // A narrow terminal folds an address; put together again it is whole.
    const groups = ['2001', 'db8', '1111', '2222', '3333', '4444', '5555', '6666', '443'];
    for (const group of groups) assert.ok(stdout.includes(group), group);
  });
}
