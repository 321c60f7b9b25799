/**
 * Holds TCP connections within its own network namespace open until its standard input ends:
 * `socket-holder PAIRS ADDRESS`. Each pair is two sockets. Prints `ready` once all are established and have carried a
 * byte in each direction.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const PORT = 443;
const AT_ONCE = 200;

const pairs = Number(process.argv[2]);
const address = process.argv[3] ?? '127.0.0.1';
const held: Socket[] = [];

const server = createServer((socket) => {
  held.push(socket);
  socket.on('error', () => undefined);
  socket.once('data', (data) => socket.write(data));
});
server.listen({ host: address, port: PORT, backlog: AT_ONCE * 2 });
await once(server, 'listening');

async function open(): Promise<void> {
  const socket = connect({ host: address, port: PORT });
  held.push(socket);
  socket.write('x');
  await once(socket, 'data');
}

for (let opened = 0; opened < pairs; opened += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, pairs - opened) }, open));
}
process.stdin.resume().on('end', () => process.exit(0));
process.stdout.write('ready\n');
