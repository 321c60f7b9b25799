import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  finalFlags,
  finalPayload,
  peerFin,
  type FinalFigures,
  type PeerFin,
} from '../../src/kernel/netlink/inet-diag/final-payload.js';

const FIN_WAIT2 = 5;
const TIME_WAIT = 6;
const LISTEN = 10;

const size = fc.oneof(fc.constantFrom(0, 1, 2), fc.nat({ max: 1e9 }));

/** The end of a connection in the kernel: the last figures, and the truth. */
interface Ending {
  finSent: boolean;
  finAcked: boolean;
  /** True if the peer's FIN was received. */
  finCame: boolean;
  /** The bytes that the program has not read. */
  unread: number;
  /** The state in which the connection outlives its socket. */
  stateNow: number | undefined;
  says: PeerFin;
}

const closed = { finSent: true, finAcked: true } as const;
const reset = { finSent: false, finAcked: false, stateNow: undefined } as const;
const ENDINGS: Record<string, Ending> = {
  'second, read to the end': { ...closed, finCame: true, unread: 0, stateNow: undefined, says: 'came' },
  'second, of a service': { ...closed, finCame: true, unread: 0, stateNow: LISTEN, says: 'came' },
  'second, not read to the end': { ...closed, finCame: true, unread: 1, stateNow: undefined, says: 'came' },
  'first, answered at once': { ...closed, finCame: true, unread: 1, stateNow: TIME_WAIT, says: 'unread' },
  'first, not answered yet': { ...closed, finCame: false, unread: 0, stateNow: FIN_WAIT2, says: 'awaited' },
  'first, by a shutdown': { ...closed, finCame: true, unread: 0, stateNow: TIME_WAIT, says: 'doubtful' },
  'given up, never acknowledged': {
    ...closed,
    finAcked: false,
    finCame: true,
    unread: 1,
    stateNow: undefined,
    says: 'came',
  },
  'reset, all read': { ...reset, finCame: false, unread: 0, says: 'none' },
  'reset with data unread': { ...reset, finCame: false, unread: 1000, says: 'none' },
  'reset with the FIN unread': { ...reset, finCame: true, unread: 1, says: 'came' },
};

const connection = fc.record({
  openedHere: fc.boolean(),
  acked: size,
  inFlight: size,
  unsent: size,
  again: size,
  received: fc.oneof(fc.constantFrom(2, 3), fc.integer({ min: 2, max: 1e9 })),
});

/** As kernels before 4.18 have it. */
const UNCOUNTED = { dataSegmentsOut: 0, segmentsDelivered: -1, segmentsRetransmitted: 0 };

function figuresOf(
  {
    openedHere,
    acked,
    inFlight,
    unsent,
    again,
    received,
  }: typeof connection extends fc.Arbitrary<infer T> ? T : never,
  { finSent, finAcked, finCame, unread }: Ending,
): FinalFigures {
  // Waiting bytes are sent before a FIN. The FIN is acknowledged last.
  const [flying, waiting] = finAcked ? [0, 0] : [inFlight, finSent ? 0 : unsent];
  return {
    bytesAcked: acked + (openedHere ? 1 : 0) + (finAcked ? 1 : 0),
    bytesSent: acked + flying + again,
    bytesRetransmitted: again,
    writeQueue: flying + waiting + (finSent && !finAcked ? 1 : 0),
    notSentBytes: waiting,
    bytesReceived: received + (finCame ? 1 : 0),
    receiveQueue: unread,
    dataSegmentsIn: 1,
    ...UNCOUNTED,
  };
}

for (const [name, ending] of Object.entries(ENDINGS)) {
  test(`the payload of a connection that is closed ${name}`, () => {
    fc.assert(
      fc.property(connection, (carried) => {
        const figures = figuresOf(carried, ending);
        const { openedHere, acked, received } = carried;
        const flags = finalFlags(figures, openedHere);
        assert.ok(flags !== undefined);
        assert.equal(flags.finSent, ending.finSent);
        const fin = peerFin(figures, flags, () => ending.stateNow);
        assert.equal(fin, ending.says);
        assert.deepEqual(finalPayload(figures, flags, fin), { sent: acked, received });
      }),
    );
  });
}

test('the flags that were sent show which end opened, but for one that can be either', () => {
  fc.assert(
    fc.property(connection, fc.constantFrom(...Object.values(ENDINGS)), (carried, ending) => {
      const flags = finalFlags(figuresOf(carried, ending), undefined);
      const isTold = carried.openedHere === ending.finSent;
      assert.equal(flags?.openedHere, isTold ? carried.openedHere : undefined);
    }),
  );
});

test('a FIN in a segment of its own shows that a single flag is a FIN', () => {
  const sent = { bytesSent: 5000, bytesRetransmitted: 0, writeQueue: 0, notSentBytes: 0, bytesReceived: 0 };
  const closed = { ...sent, receiveQueue: 0, dataSegmentsIn: 0, bytesAcked: 5001, dataSegmentsOut: 4 };
  const openedHere = (segmentsDelivered: number, segmentsRetransmitted: number): boolean | undefined =>
    finalFlags({ ...closed, segmentsDelivered, segmentsRetransmitted }, undefined)?.openedHere;
  // SYN-ACK, four segments, FIN.
  assert.equal(openedHere(6, 0), false);
  // SYN and four segments, or SYN-ACK and four segments with the FIN behind the last.
  assert.equal(openedHere(5, 0), undefined);
  assert.equal(openedHere(6, 1), undefined);
});

test('received: nothing, a FIN alone, one byte alone', () => {
  const none = {
    bytesAcked: 2,
    bytesSent: 0,
    bytesRetransmitted: 0,
    writeQueue: 0,
    notSentBytes: 0,
    ...UNCOUNTED,
  };
  const payload = (bytesReceived: number, dataSegmentsIn: number): unknown => {
    const figures = { ...none, bytesReceived, dataSegmentsIn, receiveQueue: 0 };
    const flags = finalFlags(figures, true);
    assert.ok(flags !== undefined);
    const unasked = (): never => assert.fail('the figures tell');
    return finalPayload(figures, flags, peerFin(figures, flags, unasked))?.received;
  };
  assert.deepEqual([payload(0, 0), payload(1, 0), payload(1, 1)], [0, 0, 1]);
});

test('a socket that nobody answered has sent nothing', () => {
  const figures: FinalFigures = {
    bytesAcked: 0,
    bytesSent: 0,
    bytesRetransmitted: 0,
    writeQueue: 1,
    notSentBytes: 0,
    bytesReceived: 0,
    receiveQueue: 0,
    dataSegmentsIn: 0,
    ...UNCOUNTED,
  };
  const flags = finalFlags(figures, true);
  assert.ok(flags !== undefined);
  assert.deepEqual(finalPayload(figures, flags, 'none'), { sent: 0, received: 0 });
  assert.equal(finalFlags({ ...figures, bytesAcked: undefined }, true), undefined);
});
