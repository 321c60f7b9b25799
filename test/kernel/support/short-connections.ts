/** Very many short TCP connections of known sizes, closed in every order, and the figures of hostflow for them. */
import assert from 'node:assert/strict';
import type { HostFlow } from '../../../src/render/host-flow.js';
import { SERVER } from './topology.js';

/** To each port. */
const CONNECTIONS = 1500;
const REPLY = 777;
const REQUEST = 500;

/**
 * The end that closes first, and its way of closing, by port. An end that shuts down reads to the end before it closes. An end
 * that closes at once does not, and has to know when all is there. `half`: the client shuts down, and the server answers then.
 * `server`: it answers and shuts down. `clientCloses`: the client closes once it has read the answer. `serverCloses`: the server
 * reads the request, answers and closes.
 */
export const PORTS = { half: 9001, server: 9002, clientCloses: 9003, serverCloses: 9004 } as const;

/** The bytes that the connection of this number sends and gets. A fifth carry nothing one way or the other. */
export function sizesOf(index: number): [request: number, reply: number] {
  const size = (index * 7919) % 20_011;
  return [index % 5 === 0 ? 0 : size, index % 5 === 1 ? 0 : (size * 3) % 40_009];
}

const SIZES = sizesOf.toString();

/** The server, for `node -e`. It prints `listening`. */
export const SERVE: string = `
const { createServer } = require('node:net');
${SIZES}
const on = (port, serve) => {
  let index = 0;
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}).resume();
    serve(socket, index++);
  }).listen(port, '${SERVER}', 1024);
};
on(${PORTS.half}, (socket, index) => socket.on('end', () => socket.end(Buffer.alloc(sizesOf(index)[1]))));
on(${PORTS.server}, (socket, index) => socket.end(Buffer.alloc(sizesOf(index)[1])));
on(${PORTS.clientCloses}, (socket) => { socket.write(Buffer.alloc(${REPLY})); socket.on('end', () => socket.end()); });
on(${PORTS.serverCloses}, (socket, index) => {
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
    if (received === ${REQUEST}) socket.write(Buffer.alloc(sizesOf(index)[1]), () => socket.destroy());
  });
});
setTimeout(() => console.log('listening'), 200);
`;

/** The client of all its connections, for `node -e`. */
export const CONNECT: string = `
const { connect } = require('node:net');
${SIZES}
let next = 0;
const open = (port, index) => new Promise((resolve) => {
  const request = Buffer.alloc(port === ${PORTS.serverCloses} ? ${REQUEST} : sizesOf(index)[0]);
  let received = 0;
  let sent = false;
  const socket = connect({ port, host: '${SERVER}', allowHalfOpen: true }, () => {
    if (port === ${PORTS.half}) socket.end(request);
    else socket.write(request, () => { sent = true; enough(); });
  });
  const enough = () => {
    if (port === ${PORTS.clientCloses} && sent && received === ${REPLY}) socket.destroy();
  };
  socket.on('data', (chunk) => { received += chunk.length; enough(); });
  socket.on('end', () => socket.end());
  socket.on('error', (error) => { throw error; }).on('close', resolve);
});
const one = async () => {
  while (next < ${CONNECTIONS}) {
    const index = next++;
    for (const port of [${Object.values(PORTS).join()}]) await open(port, index);
  }
};
Promise.all(Array.from({ length: 16 }, one));
`;

/** The bytes of each port, to the server and from it. */
export function carried(): Record<string, [number, number]> {
  const sums = [0, 0];
  for (let index = 0; index < CONNECTIONS; index++) {
    sizesOf(index).forEach((size, way) => (sums[way] = (sums[way] ?? 0) + size));
  }
  const [requests = 0, replies = 0] = sums;
  return {
    [PORTS.half]: [requests, replies],
    [PORTS.server]: [requests, replies],
    [PORTS.clientCloses]: [requests, REPLY * CONNECTIONS],
    [PORTS.serverCloses]: [REQUEST * CONNECTIONS, replies],
  };
}

type Recorded = Pick<HostFlow, 'direction' | 'local' | 'peer' | 'source'> & {
  delta: { inbound_bytes: number; outbound_bytes: number };
};

/** By service port: bytes to the server, and from it. */
function sums(
  direction: 'active' | 'passive',
  rows: readonly (Pick<HostFlow, 'direction' | 'local' | 'peer' | 'source'> & { bytes: [number, number] })[],
): Record<string, [number, number]> {
  const byPort: Record<string, [number, number]> = {};
  for (const { local, peer, bytes, source, ...row } of rows) {
    assert.deepEqual([row.direction, source], [direction, 'sockets']);
    const port = direction === 'active' ? peer.port : local.port;
    const [inbound, outbound] = bytes;
    const sum = (byPort[port] ??= [0, 0]);
    sum[0] += direction === 'active' ? outbound : inbound;
    sum[1] += direction === 'active' ? inbound : outbound;
  }
  return byPort;
}

/** The sums that `measure --json` gives. */
export function measured(direction: 'active' | 'passive', stdout: string): Record<string, [number, number]> {
  const rows = JSON.parse(stdout) as HostFlow[];
  assert.deepEqual(
    rows.map(({ connections }) => connections),
    rows.map(() => CONNECTIONS),
  );
  return sums(
    direction,
    rows.map(({ stat, ...row }) => ({
      ...row,
      bytes: [Number(stat?.total_inbound_bytes), Number(stat?.total_outbound_bytes)],
    })),
  );
}

/** The sums of the deltas that `watch` records. */
export function watched(direction: 'active' | 'passive', stdout: string): Record<string, [number, number]> {
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  return sums(
    direction,
    rows.map(({ delta, ...row }) => ({ ...row, bytes: [delta.inbound_bytes, delta.outbound_bytes] })),
  );
}
