import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SeeingAccount } from '../../src/sources/opened-account.js';
import type { AccountedInterval } from '../../src/engine/accounting/accounting.js';
import { EitherAccount } from '../../src/sources/either-account.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import type { Diagnostic } from '../../src/model/diagnostics.js';
import type { FlowKey, FlowSource } from '../../src/model/flow-row.js';

const WHY: Diagnostic = { code: 'conntrack-empty', bytes: { known: true, overTime: true } };
const HEADERS = 40;

/** Gives back the bytes it was told to have carried. */
class FakeAccount implements SeeingAccount {
  hasSeenAny = false;
  closed = 0;
  total = 0;
  /** Called once an interval has begun, before anything is read. */
  atLook: () => void = () => undefined;
  private told = 0;
  private readonly flow: { key: FlowKey; source: FlowSource };
  readonly ended: Promise<void>;
  end: () => void = () => undefined;
  readonly seen: Promise<void>;
  see: () => void = () => undefined;

  constructor(source: FlowSource) {
    const nobody = { addr: '192.0.2.1', port: 'many' };
    this.flow = { key: { direction: 'active', protocol: 'tcp', local: nobody, peer: nobody }, source };
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.seen = new Promise((resolve) => {
      this.see = resolve;
    });
  }

  carry(bytes: number): void {
    this.hasSeenAny = true;
    this.total += bytes;
  }

  interval(): Promise<AccountedInterval> {
    this.atLook();
    assert.equal(this.closed, 0, 'a closed account is not asked');
    const outbound = { packets: 1, bytes: this.total };
    const delta = { packets: 1, bytes: this.total - this.told };
    const inbound = { packets: 0, bytes: 0 };
    this.told = this.total;
    const carried = { delta: { inbound, outbound: delta }, total: { inbound, outbound } };
    const rows = this.hasSeenAny ? [{ ...this.flow, connections: 1, live: 1, ...carried }] : [];
    return Promise.resolve({ rows, losses: NO_LOSSES });
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

function either(): { conntrack: FakeAccount; sockets: FakeAccount; account: EitherAccount } {
  const conntrack = new FakeAccount('conntrack');
  const sockets = new FakeAccount('sockets');
  return { conntrack, sockets, account: new EitherAccount(conntrack, sockets, WHY) };
}

interface Connection {
  protocol: 'tcp' | 'udp';
  bytes: number;
  /** True if it comes up between the look at the sockets and the look at conntrack. */
  isBetweenLooks: boolean;
}

const connection: fc.Arbitrary<Connection> = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  bytes: fc.nat(1000),
  isBetweenLooks: fc.boolean(),
});
/** The connections of each interval; of many, none. */
const history = fc.array(fc.array(connection, { maxLength: 2 }), { minLength: 1, maxLength: 6 });

/** Lives through the history, and gives what each interval brought; undefined where it was empty. */
async function outcome(
  intervals: readonly (readonly Connection[])[],
  isTracking: boolean,
): Promise<{ account: EitherAccount; bytes: (number | undefined)[]; codes: string[][] }> {
  const { conntrack, sockets, account } = either();
  const codes: string[][] = [];
  const bytes: (number | undefined)[] = [];
  for (const [index, connections] of intervals.entries()) {
    const happen = (isBetweenLooks: boolean): void => {
      for (const { protocol, bytes: payload } of connections.filter(
        (one) => one.isBetweenLooks === isBetweenLooks,
      )) {
        if (protocol === 'tcp') sockets.carry(payload);
        if (isTracking) conntrack.carry(payload + HEADERS);
      }
    };
    happen(false);
    let isBetween = true;
    conntrack.atLook = () => {
      if (isBetween) happen(true);
      isBetween = false;
    };
    const { rows } = await account.interval({ isLast: index === intervals.length - 1 });
    // Once it is decided for sockets nobody looks at conntrack.
    conntrack.atLook();
    bytes.push(rows[0]?.delta?.outbound.bytes as number | undefined);
    codes.push(account.diagnostics.map(({ code }) => code));
  }
  await account.close();
  assert.deepEqual([conntrack.closed, sockets.closed], [1, 1]);
  return { account, bytes, codes };
}

function sum(connections: readonly Connection[], extra: number): number {
  return connections.reduce((total, { bytes }) => total + bytes + extra, 0);
}

test('if conntrack tracks, it counts every interval, and no remark is made', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (intervals) => {
      const { account, bytes, codes } = await outcome(intervals, true);
      const first = intervals.findIndex((connections) => connections.length > 0);
      assert.equal(account.source, 'conntrack');
      const seen = intervals.map((connections, index) =>
        first === -1 || index < first ? undefined : sum(connections, HEADERS),
      );
      // After a decision for conntrack, a connection between the looks still comes before conntrack's look.
      assert.deepEqual(bytes, seen);
      const remarks = intervals.map((_, index) => (first === -1 || index < first ? ['nothing-seen'] : []));
      assert.deepEqual(codes, remarks);
    }),
  );
});

test('if conntrack tracks nothing, sockets count all TCP, and the reason is reported once it is known', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (intervals) => {
      const { account, bytes, codes } = await outcome(intervals, false);
      const tcp = intervals.map((connections) => connections.filter(({ protocol }) => protocol === 'tcp'));
      // A connection that came up after the look of one interval is seen in the next.
      const seen = tcp.map((connections, index) => [
        ...(tcp[index - 1] ?? []).filter(({ isBetweenLooks }) => isBetweenLooks),
        ...connections.filter(({ isBetweenLooks }) => !isBetweenLooks),
      ]);
      const first = seen.findIndex((connections) => connections.length > 0);
      const isDecided = (index: number): boolean => first !== -1 && index >= first;
      assert.equal(account.source, first === -1 ? 'conntrack' : 'sockets');
      assert.deepEqual(
        bytes,
        seen.map((connections, index) => (isDecided(index) ? sum(connections, 0) : undefined)),
      );
      assert.deepEqual(
        codes,
        seen.map((_, index) => {
          return isDecided(index) ? ['conntrack-empty'] : ['nothing-seen'];
        }),
      );
    }),
  );
});

test('traffic seen before the first interval decides in it, for conntrack if both have seen any', async () => {
  for (const [isTracking, source] of [
    [true, 'conntrack'],
    [false, 'sockets'],
  ] as const) {
    const { conntrack, sockets, account } = either();
    sockets.hasSeenAny = true;
    conntrack.hasSeenAny = isTracking;
    assert.deepEqual(account.diagnostics, []);
    const { rows } = await account.interval({ isLast: false });
    assert.deepEqual([account.source, rows[0]?.source], [source, source]);
    assert.deepEqual([conntrack.closed, sockets.closed], isTracking ? [0, 1] : [1, 0]);
    assert.equal(account.diagnostics, account.diagnostics);
  }
});

test('conntrack is chosen between intervals, as soon as it has seen a connection', async () => {
  const { conntrack, sockets, account } = either();
  sockets.carry(1);
  conntrack.carry(41);
  conntrack.see();
  await conntrack.seen;
  await Promise.resolve();
  assert.deepEqual([account.source, conntrack.closed, sockets.closed], ['conntrack', 0, 1]);
  const { rows } = await account.interval({ isLast: true });
  assert.equal(rows[0]?.delta?.outbound.bytes, 41);
  assert.deepEqual(account.diagnostics, []);
  await account.close();
  assert.deepEqual([conntrack.closed, sockets.closed], [1, 1]);
});

test('it does not choose within an interval, nor once it is closed', async () => {
  const { conntrack, sockets, account } = either();
  sockets.atLook = () => {
    conntrack.see();
  };
  await account.interval({ isLast: false });
  assert.deepEqual([conntrack.closed, sockets.closed], [0, 0]);
  const closed = either();
  await closed.account.close();
  closed.conntrack.see();
  await closed.conntrack.seen;
  await Promise.resolve();
  assert.deepEqual([closed.conntrack.closed, closed.sockets.closed], [1, 1]);
});

test('it ends with the account that it came to, and closes both where it came to none', async () => {
  const { conntrack, sockets, account } = either();
  sockets.carry(1);
  await account.interval({ isLast: false });
  conntrack.end();
  const state = { hasEnded: false };
  const ended = account.ended.then(() => {
    state.hasEnded = true;
  });
  await account.interval({ isLast: false });
  assert.equal(state.hasEnded, false);
  sockets.end();
  await ended;
  const undecided = either();
  await undecided.account.close();
  assert.deepEqual([undecided.conntrack.closed, undecided.sockets.closed], [1, 1]);
});
