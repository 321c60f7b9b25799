import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  entry,
  established,
  fakeProc,
  fileOf,
  lines,
  listening,
  OWN,
  OWN_IPV6,
  socket,
} from '../support/fake-host.js';
import { ends, hostflow, rows } from '../support/run-in-memory.js';

const ACTIVE = entry({ from: `${OWN}:40001`, to: '10.0.1.10:3306', sent: [1, 10], received: [2, 20] });
const PASSIVE = entry({ from: '10.0.2.13:50001', to: `${OWN}:80`, sent: [3, 30], received: [4, 40] });
const FORWARDED = entry({ from: '10.1.0.5:50002', to: '10.1.0.6:443', sent: [5, 50], received: [6, 60] });
const LOOPBACK = entry({ from: '127.0.0.1:50003', to: '127.0.0.1:6379', sent: [7, 70], received: [8, 80] });

test('the direction of an entry follows from which of its ends are local, and inbound and outbound from that', async () => {
  const proc = fakeProc({ conntrack: [ACTIVE, PASSIVE, FORWARDED, LOOPBACK] });
  const { code, stdout, stderr } = await hostflow(['--proc', proc, '--sort', 'peer']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(rows(stdout), [
    [`${OWN}:many`, '-->', '10.0.1.10:3306', 'tcp', '1', '2', '20', '1', '10'],
    [`${OWN}:80`, '<--', '10.0.2.13:many', 'tcp', '1', '3', '30', '4', '40'],
    ['10.1.0.5:many', '->>', '10.1.0.6:443', 'tcp', '1', '6', '60', '5', '50', '(forwarded)'],
  ]);
});

test('the direction of an entry is shown only where asked for; such flags add up', async () => {
  const proc = fakeProc({ conntrack: [ACTIVE, PASSIVE, FORWARDED, LOOPBACK] });
  const arrows = async (...flags: string[]): Promise<string[]> => {
    const { stdout } = await hostflow(['--proc', proc, '--sort', 'peer', ...flags]);
    return rows(stdout).map((cells) => cells[1] ?? '');
  };
  assert.deepEqual(await arrows('-a'), ['-->']);
  assert.deepEqual(await arrows('--active'), ['-->']);
  assert.deepEqual(await arrows('-p'), ['<--']);
  assert.deepEqual(await arrows('--passive'), ['<--']);
  assert.deepEqual(await arrows('--forwarded'), ['->>']);
  assert.deepEqual(await arrows('--loopback'), ['<=>']);
  assert.deepEqual(await arrows('-a', '-p'), ['-->', '<--']);
  assert.deepEqual(await arrows('-ap'), ['-->', '<--']);
  assert.deepEqual(await arrows('-a', '-p', '--forwarded', '--loopback'), ['-->', '<--', '->>', '<=>']);
});

test('the direction of an entry is found for IPv6 too, whose addresses print short and in brackets', async () => {
  const proc = fakeProc({
    conntrack: [
      entry({
        from: '[fd77:0000:0000:0000:0000:0000:0000:0009]:40001',
        to: '[2001:0db8:0000:0000:0000:0000:0000:0001]:443',
      }),
      entry({ from: '[fd77::7]:40002', to: `[${OWN_IPV6}]:22` }),
    ],
    files: { 'sys/net/netfilter/nf_conntrack_acct': '1\n' },
  });
  const { stdout } = await hostflow(['--proc', proc, '--sort', 'peer']);
  assert.deepEqual(ends(stdout), ['[fd77::9]:many --> [2001:db8::1]:443', '[fd77::9]:22 <-- [fd77::7]:many']);
});

const seemsActive = entry({ from: `${OWN}:443`, to: '10.0.2.13:50001', sent: [1, 10], received: [2, 20] });
const seemsPassive = entry({
  from: '10.0.1.10:3306',
  to: `${OWN}:40001`,
  sent: [1, 10],
  received: [2, 20],
});

for (const [where, host] of Object.entries({
  'its address': { tcp: [listening(`${OWN}:443`)] },
  'the IPv4 wildcard': { tcp: [listening('0.0.0.0:443')] },
  'the IPv6 wildcard': { tcp6: [listening('[::]:443')] },
})) {
  test(`connections that conntrack met in mid-stream are passive where a listener on ${where} accepts on their local port`, async () => {
    const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: [seemsActive], ...host })]);
    assert.deepEqual(rows(stdout), [
      [`${OWN}:443`, '<--', '10.0.2.13:many', 'tcp', '1', '2', '20', '1', '10'],
    ]);
  });
}

test('connections that conntrack met in mid-stream are active where nobody listens and a live socket has exactly their ends', async () => {
  const tcp = [established(`${OWN}:40001`, '10.0.1.10:3306')];
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: [seemsPassive], tcp })]);
  assert.deepEqual(rows(stdout), [
    [`${OWN}:many`, '-->', '10.0.1.10:3306', 'tcp', '1', '1', '10', '2', '20'],
  ]);
});

test('connections that conntrack met in mid-stream stay as they are without evidence', async () => {
  const otherPort = [listening(`${OWN}:80`), established(`${OWN}:40002`, '10.0.1.10:3306')];
  const proc = fakeProc({ conntrack: [seemsActive, seemsPassive], tcp: otherPort });
  const { stdout } = await hostflow(['--proc', proc, '--sort', 'peer', '--protocol', 'tcp', '--json']);
  const flows = JSON.parse(stdout) as { direction: string; source: string; peer: { addr: string } }[];
  assert.deepEqual(
    flows.filter(({ source }) => source === 'conntrack').map(({ direction, peer }) => [direction, peer.addr]),
    [
      ['passive', '10.0.1.10'],
      ['active', '10.0.2.13'],
    ],
  );
});

test('connections that conntrack met in mid-stream stay passive where a listener and a live socket have their local end', async () => {
  const tcp = [listening('0.0.0.0:80'), established(`${OWN}:80`, '10.0.2.13:50001')];
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: [PASSIVE], tcp })]);
  assert.deepEqual(ends(stdout), [`${OWN}:80 <-- 10.0.2.13:many`]);
});

test('connections that conntrack met in mid-stream are not mended for another address that the listener does not have', async () => {
  const { stdout } = await hostflow([
    '--proc',
    fakeProc({ conntrack: [seemsActive], tcp: [listening('127.0.0.1:443')] }),
  ]);
  assert.deepEqual(ends(stdout), [`${OWN}:many --> 10.0.2.13:50001`]);
});

test('live sockets without an entry stand beside the tracked flows with unknown counters and their source', async () => {
  const tcp = [
    listening('0.0.0.0:22'),
    established(`${OWN}:40001`, '10.0.1.10:3306'),
    established(`${OWN}:40002`, '10.0.1.11:5432'),
    established(`${OWN}:22`, '10.0.2.1:60000'),
    socket(`${OWN}:40003`, '10.0.1.12:80', 6 /* TIME_WAIT */),
  ];
  const proc = fakeProc({ conntrack: [ACTIVE], tcp });
  const { code, stdout, stderr } = await hostflow(['--proc', proc]);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(rows(stdout), [
    [`${OWN}:many`, '-->', '10.0.1.10:3306', 'tcp', '1', '2', '20', '1', '10'],
    [`${OWN}:many`, '-->', '10.0.1.11:5432', 'tcp', '1', '-', '-', '-', '-', '(sockets)'],
    [`${OWN}:22`, '<--', '10.0.2.1:many', 'tcp', '1', '-', '-', '-', '-', '(sockets)'],
  ]);
});

test('live sockets without an entry count no connection twice whose entry is translated', async () => {
  const dialled = entry({
    from: `${OWN}:40001`,
    to: '10.0.1.100:3306',
    replyFrom: '10.0.1.10:3306',
    sent: [1, 10],
    received: [2, 20],
  });
  const tcp = [established(`${OWN}:40001`, '10.0.1.100:3306')];
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: [dialled], tcp })]);
  assert.deepEqual(rows(stdout), [
    `${OWN}:many --> 10.0.1.10:3306 tcp 1 2 20 1 10 (via 10.0.1.100:3306)`.split(' '),
  ]);
});

test('live sockets without an entry are none of another host whose conntrack text is read', async () => {
  const proc = fakeProc({ tcp: [established(`${OWN}:40002`, '10.0.1.11:5432')] });
  const { stdout } = await hostflow(['--proc', proc, '--input', fileOf(lines(ACTIVE))]);
  assert.deepEqual(ends(stdout), [`${OWN}:many --> 10.0.1.10:3306`]);
});

test('NAT: masqueraded connections are forwarded ones, although this host stands in a tuple', async () => {
  const masqueraded = entry({
    from: '10.244.0.7:50000',
    to: '93.184.216.34:443',
    replyTo: `${OWN}:50000`,
    sent: [1, 10],
    received: [2, 20],
  });
  const { stdout } = await hostflow(['--proc', fakeProc({ conntrack: [masqueraded] })]);
  assert.deepEqual(ends(stdout), ['10.244.0.7:many ->> 93.184.216.34:443']);
});

test('NAT: a dialled address that differs from the real one is shown, and keeps flows apart', async () => {
  const dial = (port: number, to: string): string =>
    entry({
      from: `${OWN}:${port}`,
      to,
      replyFrom: '10.0.1.10:3306',
      sent: [1, port],
      received: [1, port],
    });
  const conntrack = [
    dial(40001, '10.0.1.10:3306'),
    dial(40002, '10.0.1.100:3306'),
    dial(40003, '10.0.1.100:3307'),
    dial(40004, '10.0.1.100:3307'),
  ];
  const { stdout } = await hostflow(['--json', '--proc', fakeProc({ conntrack }), '--sort', 'connections']);
  const flows = JSON.parse(stdout) as { via?: object; connections: number; peer: object }[];
  assert.deepEqual(
    flows.map(({ via, connections }) => [via, connections]),
    [
      [{ addr: '10.0.1.100', port: '3307' }, 2],
      [undefined, 1],
      [{ addr: '10.0.1.100', port: '3306' }, 1],
    ],
  );
  for (const { peer } of flows) assert.deepEqual(peer, { addr: '10.0.1.10', port: '3306' });
  assert.deepEqual(
    flows.map((flow) => 'via' in flow),
    [true, false, true],
  );
});
