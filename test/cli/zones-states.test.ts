import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostflow } from '../support/run-in-memory.js';

const LOCAL = ['--local', '10.0.1.9'];

interface Entry {
  state?: string;
  zone?: string;
  port?: number;
  flag?: string;
}

/** A connection from 192.0.2.7 to 10.0.1.9:443. */
function line({ state = 'ESTABLISHED', zone = '', port = 40000, flag = '[ASSURED] ' }: Entry): string {
  const first = `src=192.0.2.7 dst=10.0.1.9 sport=${port} dport=443 packets=2 bytes=100`;
  const reply = `src=10.0.1.9 dst=192.0.2.7 sport=443 dport=${port} packets=1 bytes=50`;
  return `ipv4     2 tcp      6 100 ${state} ${first} ${reply} ${flag}mark=0 ${zone}use=2\n`;
}

interface Flow {
  zone?: number | string;
  state?: string;
  connections: number;
}

async function flowsOf(input: string, flags: readonly string[]): Promise<Flow[]> {
  const { stdout, stderr, code } = await hostflow(['--stdin', ...LOCAL, '--json', ...flags], {
    stdin: input,
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Flow[];
}

const TWO_ZONES =
  line({ zone: 'zone=5 ' }) + line({ zone: 'zone=7 ', port: 40001 }) + line({ zone: 'zone=0 ', port: 40002 });

test('flows of different zones stay apart, and zone 0 is not named', async () => {
  const flows = await flowsOf(TWO_ZONES, []);
  assert.deepEqual(flows.map(({ zone }) => zone).sort(), [5, 7, undefined]);
  assert.deepEqual(
    (await flowsOf(TWO_ZONES, ['--zone', '7'])).map(({ zone }) => zone),
    [7],
  );
  assert.deepEqual((await flowsOf(TWO_ZONES, ['--zone', '0,5'])).map(({ zone }) => zone).sort(), [
    5,
    undefined,
  ]);
  const [group, ...others] = await flowsOf(TWO_ZONES, ['--by', 'peer']);
  assert.deepEqual([group?.zone, group?.connections, others.length], ['many', 3, 0]);
});

test('the zone of one direction counts as the zone', async () => {
  const one = line({}).replace('dport=443 packets', 'dport=443 zone-orig=9 packets');
  assert.deepEqual(
    (await flowsOf(one, [])).map(({ zone }) => zone),
    [9],
  );
});

test('the zone has a column in the table and in CSV where it occurs', async () => {
  const withZones = { stdin: TWO_ZONES };
  const table = await hostflow(['--stdin', ...LOCAL], withZones);
  assert.match(table.stdout, /^Local .* Out bytes +Zone\n/);
  assert.match(table.stdout, / 50 +7\n/);
  const csv = await hostflow(['--stdin', ...LOCAL, '--format', 'csv'], withZones);
  assert.match(csv.stdout, /,source,zone\r\n/);
  const without = { stdin: line({}) };
  assert.doesNotMatch((await hostflow(['--stdin', ...LOCAL], without)).stdout, /Zone/);
  assert.doesNotMatch((await hostflow(['--stdin', ...LOCAL, '--format', 'csv'], without)).stdout, /zone/);
});

const FLOOD =
  [1, 2, 3].map((index) => line({ state: 'SYN_RECV', port: 50000 + index, flag: '' })).join('') + line({});

test('--state keeps states apart, so that half-open connections show as such', async () => {
  assert.deepEqual(
    (await flowsOf(FLOOD, [])).map(({ connections, state }) => [connections, state]),
    [[4, undefined]],
  );
  assert.deepEqual(
    (await flowsOf(FLOOD, ['--state'])).map(({ connections, state }) => [connections, state]),
    [
      [3, 'SYN_RECV'],
      [1, 'ESTABLISHED'],
    ],
  );
  for (const flag of [['--state', 'syn_recv'], ['--state=SYN_RECV,SYN_SENT']]) {
    assert.deepEqual(
      (await flowsOf(FLOOD, flag)).map(({ state }) => state),
      ['SYN_RECV'],
    );
  }
  const table = await hostflow(['--stdin', ...LOCAL, '--state'], { stdin: FLOOD });
  assert.match(table.stdout, /Out bytes +State\n/);
});

test('protocols without states are replied or not', async () => {
  const udp = (flag: string, port: number): string =>
    `udp      17 30 src=192.0.2.7 dst=10.0.1.9 sport=${port} dport=53 ${flag}src=10.0.1.9 dst=192.0.2.7 sport=53 dport=${port} mark=0 use=1\n`;
  const flows = await flowsOf(udp('[UNREPLIED] ', 1) + udp('', 2), ['--state']);
  assert.deepEqual(flows.map(({ state }) => state).sort(), ['REPLIED', 'UNREPLIED']);
});

test('a wrong state or zone is refused, and over time states are', async () => {
  const wrong = await hostflow(['--stdin', '--state', 'SYN_RCV'], { stdin: '' });
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^hostflow: --state: expected states such as .*, found "SYN_RCV"\n$/);
  const zone = await hostflow(['--stdin', '--zone', '65536'], { stdin: '' });
  assert.match(zone.stderr, /^hostflow: --zone: expected conntrack zones \(0 to 65535\), found "65536"\n$/);
  const measure = await hostflow(['measure', '--state'], {});
  assert.equal(measure.code, 2);
  assert.match(measure.stderr, /several states over time; leave out --state/);
});

test('offloaded connections are counted in a warning', async () => {
  const { stderr, stdout } = await hostflow(['--stdin', ...LOCAL], {
    stdin:
      line({ flag: '[OFFLOAD] ' }) + line({ flag: '[HW_OFFLOAD] ', port: 40001 }) + line({ port: 40002 }),
  });
  assert.match(stderr, /a flowtable or hardware forwards 2 connections, whose counters may stand still; /);
  assert.match(stdout, / tcp +3 /);
});
