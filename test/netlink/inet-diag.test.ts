import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAttributes } from '../support/netlink/encode-attributes.js';
import {
  livePayload,
  openedHere,
  tcpPayload,
  type TcpFigures,
} from '../../src/kernel/netlink/inet-diag/tcp-payload.js';
import { DiagRecord } from '../../src/kernel/netlink/inet-diag/diag-record.js';
import { diagSocketOf, type DiagSocket } from '../support/netlink/socket-of-record.js';

const ESTABLISHED = 1;
/** States of a connection, with what of the two FINs is acknowledged, waits, or has come. */
const STATES = [
  { state: ESTABLISHED, finAcked: 0, finQueued: false, finCame: 0 },
  { state: 4 /* FIN_WAIT1 */, finAcked: 0, finQueued: true, finCame: 0 },
  { state: 5 /* FIN_WAIT2 */, finAcked: 1, finQueued: false, finCame: 0 },
  { state: 8 /* CLOSE_WAIT */, finAcked: 0, finQueued: false, finCame: 1 },
  { state: 9 /* LAST_ACK */, finAcked: 0, finQueued: true, finCame: 1 },
  { state: 11 /* CLOSING */, finAcked: 0, finQueued: true, finCame: 1 },
] as const;

const size = fc.oneof(fc.constantFrom(0, 1, 2), fc.nat({ max: 1e9 }));

test('payload is what was acknowledged and received, whoever opened, in every state, with data in flight or not', () => {
  fc.assert(
    fc.property(
      fc.record({
        opened: fc.boolean(),
        acked: size,
        inFlight: size,
        unsent: size,
        again: size,
        received: size,
      }),
      fc.constantFrom(...STATES),
      ({ opened, acked, inFlight, unsent, again, received }, { state, finAcked, finQueued, finCame }) => {
        // After its FIN was acknowledged an end has nothing left to send.
        const [flying, waiting] = finAcked === 1 ? [0, 0] : [inFlight, unsent];
        const notSentBytes = waiting + (finQueued && waiting > 0 ? 1 : 0);
        const figures: TcpFigures = {
          state,
          bytesAcked: acked + (opened ? 1 : 0) + finAcked,
          bytesReceived: received + finCame,
          bytesSent: acked + flying + again,
          bytesRetransmitted: again,
          writeQueue: flying + waiting + (finQueued ? 1 : 0),
          notSentBytes,
        };
        assert.deepEqual(tcpPayload(figures), { sent: acked, received });
        const isSteady = finAcked === 1 || !finQueued;
        assert.equal(openedHere({ ...figures, infoState: state }), isSteady ? opened : undefined);
        const other = state === ESTABLISHED ? 8 : ESTABLISHED;
        assert.equal(openedHere({ ...figures, infoState: other }), undefined);
        const old = { ...figures, bytesSent: undefined, bytesRetransmitted: undefined };
        assert.deepEqual(tcpPayload(old, opened), { sent: acked, received });
        assert.equal(openedHere({ ...old, infoState: state }), undefined);
      },
    ),
  );
});

test('live payload: a state that is older than the figures, and queues of another moment, change nothing', () => {
  const moment = fc.nat({ max: 1e6 });
  fc.assert(
    fc.property(
      fc.record({ opened: fc.boolean(), acked: size, again: size, received: size }),
      fc.record({ state: fc.constantFrom(1, 4, 5), writeQueue: moment, notSentBytes: moment }),
      fc.record({ finAcked: fc.boolean(), finCame: fc.boolean() }),
      ({ opened, acked, again, received }, stale, { finAcked, finCame }) => {
        const figures: TcpFigures = {
          ...stale,
          bytesAcked: acked + (opened ? 1 : 0) + (finAcked ? 1 : 0),
          bytesReceived: received + (finCame ? 1 : 0),
          bytesSent: acked + again,
          bytesRetransmitted: again,
        };
        const payload = livePayload(figures, opened, true);
        // A byte that may be a FIN is left out until it is known.
        const least = finCame ? received : Math.max(received - 1, 0);
        assert.deepEqual(payload, { sent: acked, received: least });
        if (!finCame) assert.deepEqual(livePayload(figures, opened, false), { sent: acked, received });
      },
    ),
  );
});

test('payload: past 2^53, while opening, and unknown', () => {
  const none = { state: ESTABLISHED, writeQueue: 0, notSentBytes: 0, bytesRetransmitted: 0 };
  const huge = { ...none, bytesAcked: 2n ** 63n + 1n, bytesSent: 2n ** 63n, bytesReceived: 2n ** 60n };
  assert.deepEqual(tcpPayload(huge), { sent: 2n ** 63n, received: 2n ** 60n });
  const opening = { ...none, state: 2, bytesAcked: 0, bytesSent: 0, bytesReceived: 0, writeQueue: 1 };
  assert.deepEqual(tcpPayload(opening), { sent: 0, received: 0 });
  assert.equal(openedHere({ ...opening, infoState: 2 }), true);
  assert.equal(tcpPayload({ ...opening, bytesAcked: undefined }), undefined);
  // The queue was read at another moment than the rest: off by one at most, and never more than was sent.
  const moved = { ...none, bytesAcked: 1001, bytesSent: 1000, bytesReceived: 0, writeQueue: 500 };
  assert.deepEqual(tcpPayload(moved), { sent: 1000, received: 0 });
  assert.equal(openedHere({ ...moved, infoState: ESTABLISHED }), undefined);
});

/** A socket whose `struct tcp_info` has `infoBytes` bytes. */
function decode(infoBytes: number, state = ESTABLISHED): DiagSocket {
  const info = new Uint8Array(infoBytes);
  const words = new DataView(new ArrayBuffer(256));
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  words.setBigUint64(120, 501n, little);
  words.setBigUint64(128, 700n, little);
  words.setUint32(136, 11, little);
  words.setUint32(140, 12, little);
  words.setBigUint64(200, 500n, little);
  info.set(new Uint8Array(words.buffer, 0, Math.min(infoBytes, 256)));
  const head = new Uint8Array(72);
  head.set([2, state]);
  head.set([0x1f, 0x90, 0x00, 0x50, 127, 0, 0, 1], 4);
  const bytes = Buffer.concat([head, encodeAttributes([{ type: 2, payload: info }])]);
  const record = new DiagRecord();
  record.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  return diagSocketOf(record);
}

test('kernels that know less of struct tcp_info give less', () => {
  const { local, remote } = decode(0);
  assert.deepEqual([local, remote.port], [{ address: '127.0.0.1', port: 8080 }, 80]);
  // Linux 3.x, 4.1, 4.2, 4.19 and later.
  assert.deepEqual(decode(104).traffic?.payload, undefined);
  assert.deepEqual(decode(136).traffic?.payload, { sent: 501, received: 700 });
  assert.equal(decode(136).traffic?.segmentsOut, undefined);
  assert.deepEqual([decode(144).traffic?.segmentsOut, decode(144).traffic?.segmentsIn], [11, 12]);
  assert.deepEqual(decode(232).traffic?.payload, { sent: 500, received: 700 });
  for (let length = 0; length < 256; length++) assert.equal(decode(length).state, 'ESTABLISHED');
  assert.equal(decode(232, 10).traffic, undefined, 'a listener carries nothing');
});

test('IPv4-mapped addresses are shown as IPv4 on request', () => {
  const head = new Uint8Array(72);
  head.set([10, ESTABLISHED]);
  head.set([0xff, 0xff, 192, 0, 2, 1], 18);
  const record = new DiagRecord();
  record.read(new DataView(head.buffer), 0, head.length);
  assert.equal(diagSocketOf(record).local.address, '::ffff:192.0.2.1');
  assert.equal(diagSocketOf(record, { unmapIpv4: true }).local.address, '192.0.2.1');
  assert.equal(diagSocketOf(record, { unmapIpv4: true }).family, 'ipv6');
});
