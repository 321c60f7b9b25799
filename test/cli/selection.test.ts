import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, fakeProc, OWN } from '../support/fake-host.js';
import { ends, hostflow, rows } from '../support/run-in-memory.js';

/** Sizes are powers of two: any sum tells its parts. */
const CONNTRACK = [
  entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [1, 1], received: [1, 2] }),
  entry({ from: `${OWN}:40002`, to: '10.0.1.10:3306', sent: [1, 4], received: [1, 8] }),
  entry({ from: `${OWN}:40003`, to: '8.8.8.8:53', protocol: 'udp', sent: [1, 16], received: [1, 32] }),
  entry({ from: '10.0.2.13:50001', to: `${OWN}:80`, sent: [1, 64], received: [1, 128] }),
  entry({ from: '8.8.8.8:50002', to: `${OWN}:8080`, sent: [1, 256], received: [1, 512] }),
  entry({ from: '10.1.0.5:50003', to: '10.1.0.6:443', sent: [1, 1024], received: [1, 2048] }),
];
const proc = (): string => fakeProc({ conntrack: CONNTRACK });

const DATABASE = `${OWN}:many --> 10.0.1.10:3306`;
const DNS = `${OWN}:many --> 8.8.8.8:53`;
const WEB = `${OWN}:80 <-- 10.0.2.13:many`;
const ALTERNATIVE_WEB = `${OWN}:8080 <-- 8.8.8.8:many`;
const ROUTED = '10.1.0.5:many ->> 10.1.0.6:443';

async function listed(...flags: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await hostflow(['--proc', proc(), ...flags]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return ends(stdout);
}

for (const spelling of ['--active-port', '--aport', '-aport', '-active-port']) {
  test(`selecting by service port: ${spelling} shows what this host opens to a port`, async () => {
    assert.deepEqual(await listed(spelling, '3306'), [DATABASE]);
    assert.deepEqual(await listed(`${spelling}=3306`), [DATABASE]);
  });
}

for (const spelling of ['--passive-port', '--pport', '-pport', '-passive-port']) {
  test(`selecting by service port: ${spelling} shows what this host accepts on a port`, async () => {
    assert.deepEqual(await listed(spelling, '80'), [WEB]);
    assert.deepEqual(await listed(`${spelling}=80`), [WEB]);
  });
}

test('selecting by service port: takes lists and ranges, and adds repeated flags up', async () => {
  assert.deepEqual(await listed('--pport', '80,8080'), [ALTERNATIVE_WEB, WEB]);
  assert.deepEqual(await listed('--pport', '80', '--passive-port', '8000-8099'), [ALTERNATIVE_WEB, WEB]);
  assert.deepEqual(await listed('--pport', '81-8079'), []);
  assert.deepEqual(await listed('--aport', '3306', '--pport', '80'), [WEB, DATABASE]);
  assert.deepEqual(await listed('--aport', '0-65535'), [DNS, DATABASE]);
});

test('selecting by protocol and peer: --protocol takes names in any case, numbers, lists and repetition', async () => {
  for (const value of ['udp', 'UDP', '17']) assert.deepEqual(await listed('--protocol', value), [DNS]);
  assert.equal((await listed('--protocol', 'udp,tcp')).length, 5);
  assert.equal((await listed('--protocol', 'udp', '--protocol', 'tcp')).length, 5);
  assert.deepEqual(await listed('--protocol', 'sctp'), []);
});

test('selecting by protocol and peer: --peer takes addresses and networks', async () => {
  assert.deepEqual(await listed('--peer', '8.8.8.8'), [ALTERNATIVE_WEB, DNS]);
  assert.deepEqual(await listed('--peer', '10.0.0.0/22'), [WEB, DATABASE]);
  assert.deepEqual(await listed('--peer', '10.0.2.13', '--peer', '10.0.1.10'), [WEB, DATABASE]);
  assert.deepEqual(await listed('--peer', '::ffff:10.0.2.13'), [WEB]);
  assert.deepEqual(await listed('--peer', '::/0'), []);
});

test('selecting by protocol and peer: --filter tells public peers from private ones', async () => {
  assert.deepEqual(await listed('--filter', 'public'), [ALTERNATIVE_WEB, DNS]);
  assert.deepEqual(await listed('--filter', 'private'), [ROUTED, WEB, DATABASE]);
  assert.equal((await listed('--filter', 'all')).length, 5);
});

test('selecting by protocol and peer: different criteria must all hold', async () => {
  assert.deepEqual(await listed('--filter', 'public', '--active', '--protocol', 'udp'), [DNS]);
  assert.deepEqual(await listed('--filter', 'private', '--protocol', 'udp'), []);
});

test('order and length: biggest total first by default, and by each key', async () => {
  const byBytes = [ROUTED, ALTERNATIVE_WEB, WEB, DNS, DATABASE];
  assert.deepEqual(await listed(), byBytes);
  assert.deepEqual(await listed('--sort', 'bytes'), byBytes);
  assert.deepEqual(await listed('--sort', 'in'), [ROUTED, ALTERNATIVE_WEB, WEB, DNS, DATABASE]);
  assert.deepEqual(await listed('--sort', 'out'), [ROUTED, ALTERNATIVE_WEB, WEB, DNS, DATABASE]);
  assert.equal((await listed('--sort', 'connections'))[0], DATABASE);
  assert.equal((await listed('--sort', 'packets'))[0], DATABASE);
  // Numbers, not text: 8.8.8.8 is before 10.0.0.0.
  assert.deepEqual(await listed('--sort', 'peer'), [DNS, ALTERNATIVE_WEB, DATABASE, WEB, ROUTED]);
});

test('order and length: in and out are not the same order', async () => {
  const conntrack = [
    entry({ from: `${OWN}:1`, to: '10.0.1.1:80', sent: [1, 1], received: [1, 100] }),
    entry({ from: `${OWN}:2`, to: '10.0.1.2:80', sent: [1, 100], received: [1, 2] }),
  ];
  const first = async (key: string): Promise<string | undefined> =>
    rows((await hostflow(['--proc', fakeProc({ conntrack }), '--sort', key])).stdout)[0]?.[2];
  assert.equal(await first('in'), '10.0.1.1:80');
  assert.equal(await first('out'), '10.0.1.2:80');
});

test('order and length: --reverse turns each order round', async () => {
  for (const key of ['bytes', 'in', 'out', 'packets', 'connections', 'peer']) {
    const forwards = await listed('--sort', key);
    assert.deepEqual(await listed('--sort', key, '--reverse'), forwards.toReversed(), key);
  }
});

test('order and length: does not depend on the order of the entries', async () => {
  const turned = fakeProc({ conntrack: CONNTRACK.toReversed() });
  const { stdout } = await hostflow(['--proc', turned]);
  assert.deepEqual(await hostflow(['--proc', proc()]), { code: 0, stdout, stderr: '' });
});

test('order and length: --limit cuts every format, 0 cuts none, and more than there are cuts none', async () => {
  for (const format of ['table', 'json', 'ndjson', 'csv']) {
    const count = async (limit: string): Promise<number> => {
      const { stdout } = await hostflow(['--proc', proc(), '--format', format, '--limit', limit]);
      return stdout.match(/tcp|udp/g)?.length ?? 0;
    };
    assert.equal(await count('2'), 2, format);
    assert.equal(await count('0'), 5, format);
    assert.equal(await count('999999999999999'), 5, format);
  }
});

const grouped = async (grouping: string): Promise<string[]> => {
  const { stdout, stderr } = await hostflow(['--proc', proc(), '--by', grouping]);
  assert.equal(stderr, '');
  return rows(stdout).map((cells) => cells.join(' '));
};

test('--by: flow is the default', async () => {
  assert.deepEqual(
    await grouped('flow'),
    rows((await hostflow(['--proc', proc()])).stdout).map((cells) => cells.join(' ')),
  );
});

test('--by: peer adds up all flows of a peer address, and shows many where they differ', async () => {
  assert.deepEqual(await grouped('peer'), [
    '10.1.0.5:many ->> 10.1.0.6:443 tcp 1 1 2048 1 1024 (forwarded)',
    `${OWN}:many <-> 8.8.8.8:many many 2 2 288 2 528`,
    `${OWN}:80 <-- 10.0.2.13:many tcp 1 1 64 1 128`,
    `${OWN}:many --> 10.0.1.10:3306 tcp 2 2 10 2 5`,
  ]);
});

test('--by: port adds up all flows of a service port', async () => {
  const conntrack = [
    entry({ from: `${OWN}:1`, to: '10.0.1.1:80', sent: [1, 1], received: [1, 2] }),
    entry({ from: '10.0.2.13:1', to: `${OWN}:80`, sent: [1, 4], received: [1, 8] }),
  ];
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack }), '--by', 'port']);
  assert.deepEqual(rows(stdout), [[`${OWN}:80`, '<->', 'many:80', 'tcp', '2', '2', '6', '2', '9']]);
});

test('--by: local adds up all flows of a local address', async () => {
  assert.deepEqual(await grouped('local'), [
    '10.1.0.5:many ->> 10.1.0.6:443 tcp 1 1 2048 1 1024 (forwarded)',
    `${OWN}:many <-> many:many many 5 5 362 5 661`,
  ]);
});

test('--by: loses no byte and no connection', async () => {
  for (const grouping of ['flow', 'peer', 'port', 'local']) {
    const sums = (await grouped(grouping)).map((line) => line.split(' ').slice(4, 9).map(Number));
    const totals = [0, 1, 2, 3, 4].map((i) => sums.reduce((sum, cells) => sum + (cells[i] ?? NaN), 0));
    assert.deepEqual(totals, [6, 6, 2410, 6, 1685], grouping);
  }
});
