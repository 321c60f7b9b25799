/**
 * The traffic generator: runs inside a namespace, takes one JSON command a line on stdin and answers each with one line.
 * Connections stay open until it ends, so that the kernel's table is at rest when it is compared.
 *
 * A TCP connection goes by the initiator's port, on both ends.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { burst, udpBurst, udpEcho, udpExchange, udpJoin, udpSend, udpSpeak, udpSpread } from './agent-udp.js';

export type AgentCommand =
  | { op: 'tcpListen'; address: string; port: number }
  /** Listens no more on a port. Its connections stay. */
  | { op: 'tcpUnlisten'; port: number }
  /** Listens for connections to any address, as a transparent proxy does. */
  | { op: 'tcpListenTransparent'; port: number }
  | { op: 'tcpConnect'; address: string; port: number; from?: string }
  | { op: 'tcpSend'; connection: number; bytes: number }
  | { op: 'tcpSay'; connection: number; text: string }
  /** Waits until that many bytes have come in since the connection was made. */
  | { op: 'tcpReceive'; connection: number; bytes: number }
  | { op: 'tcpClose'; connection: number }
  | { op: 'tcpReset'; connection: number }
  /** Answers each datagram with one of twice its size, so that the two directions differ. */
  | { op: 'udpEcho'; address: string; port: number }
  /** Sends a datagram from a socket of `udpEcho`. */
  | { op: 'udpSpeak'; from: number; address: string; port: number; bytes: number }
  /** Joins a multicast group, and takes what comes to one of its ports. */
  | { op: 'udpJoin'; group: string; port: number; local: string }
  /** Sends `count` datagrams, and waits for no answer. */
  | { op: 'udpSend'; address: string; port: number; bytes: number; count: number; local?: string }
  /** Sends `count` datagrams, one at a time, each after the echo of the one before. */
  | { op: 'udpExchange'; address: string; port: number; bytes: number; count: number }
  /** Sends a datagram to each of `count` ports from `port` on, which nobody answers. */
  | { op: 'udpSpread'; address: string; port: number; count: number }
  /** Opens so many connections, a few at a time; sends some bytes on each and resets it. */
  | { op: 'tcpBurst'; address: string; port: number; count: number }
  /** So many datagrams, each from a socket of its own and answered by an echo. */
  | { op: 'udpBurst'; address: string; port: number; count: number }
  /** From now on opens so many connections a second, and resets each at once. */
  | { op: 'tcpChurn'; address: string; port: number; perSecond: number };

export interface AgentAnswer {
  id: number;
  /** The local port, where one was made. */
  port: number;
  error?: string;
}

const WAIT_MILLISECONDS = 20_000;
const connections = new Map<number, { socket: Socket; received: number }>();

function keep(initiatorPort: number, socket: Socket): void {
  const connection = { socket, received: 0 };
  socket.on('data', (chunk) => (connection.received += chunk.length));
  // A reset at the end of a test is nobody's business.
  socket.on('error', () => undefined);
  connections.set(initiatorPort, connection);
}

async function connectionOf(initiatorPort: number): Promise<{ socket: Socket; received: number }> {
  for (let waited = 0; waited < WAIT_MILLISECONDS; waited += 5) {
    const connection = connections.get(initiatorPort);
    if (connection !== undefined) return connection;
    await sleep(5);
  }
  throw new Error(`no connection from port ${initiatorPort}`);
}

const servers = new Map<number, Server>();

async function listen(port: number, on: { host: string; port: number } | { fd: number }): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    keep(socket.remotePort ?? 0, socket);
  });
  server.listen(on);
  await once(server, 'listening');
  servers.set(port, server);
  return port;
}

function unlisten(port: number): Promise<number> {
  servers.get(port)?.close();
  return Promise.resolve(port);
}

const SOL_IP = 0;
const IP_TRANSPARENT = 19;

/** Node.js cannot set the option, so the socket comes from the C library. */
async function transparentSocket(port: number): Promise<number> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load('libc.so.6');
  const call = (prototype: string, ...args: unknown[]): number => {
    const result = (libc.func(prototype) as (...args: unknown[]) => number)(...args);
    if (result < 0) throw new Error(`${prototype} failed`);
    return result;
  };
  const fd = call('int socket(int family, int type, int protocol)', 2, 1, 0);
  const one = Buffer.from(new Int32Array([1]).buffer);
  call(
    'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
    fd,
    SOL_IP,
    IP_TRANSPARENT,
    one,
    4,
  );
  const address = Buffer.alloc(16);
  address.writeUInt16LE(2, 0);
  address.writeUInt16BE(port, 2);
  call('int bind(int fd, const void *address, uint32_t length)', fd, address, address.length);
  return fd;
}

async function open(address: string, port: number, from?: string): Promise<number> {
  const socket = connect({ host: address, port, ...(from === undefined ? {} : { localAddress: from }) });
  await once(socket, 'connect');
  const local = socket.localPort ?? 0;
  keep(local, socket);
  return local;
}

async function receive(initiatorPort: number, bytes: number): Promise<number> {
  const connection = await connectionOf(initiatorPort);
  for (let waited = 0; connection.received < bytes; waited += 5) {
    if (waited > WAIT_MILLISECONDS) throw new Error(`${connection.received} of ${bytes} bytes came`);
    await sleep(5);
  }
  return initiatorPort;
}

async function send(initiatorPort: number, payload: Buffer): Promise<number> {
  const { socket } = await connectionOf(initiatorPort);
  await new Promise<void>((resolve, reject) => {
    socket.write(payload, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return initiatorPort;
}

async function reset(initiatorPort: number): Promise<number> {
  const { socket } = await connectionOf(initiatorPort);
  socket.resetAndDestroy();
  return initiatorPort;
}

async function close(initiatorPort: number): Promise<number> {
  const { socket } = await connectionOf(initiatorPort);
  socket.end();
  return initiatorPort;
}

async function tcpBurst(address: string, port: number, count: number): Promise<number> {
  await burst(count, async () => {
    const socket = connect({ host: address, port }, () => {
      socket.write('x'.repeat(100), () => socket.resetAndDestroy());
    });
    await once(socket, 'close');
  });
  return port;
}

const CHURN_PAUSE_MILLISECONDS = 10;

function tcpChurn(address: string, port: number, perSecond: number): Promise<number> {
  const batch = Math.ceil((perSecond * CHURN_PAUSE_MILLISECONDS) / 1000);
  setInterval(() => {
    for (let opened = 0; opened < batch; opened++) {
      const socket = connect({ host: address, port });
      socket.on('error', () => undefined);
      socket.on('connect', () => socket.resetAndDestroy());
    }
  }, CHURN_PAUSE_MILLISECONDS);
  return Promise.resolve(port);
}

function perform(command: AgentCommand): Promise<number> {
  switch (command.op) {
    case 'tcpListen':
      return listen(command.port, { host: command.address, port: command.port });
    case 'tcpUnlisten':
      return unlisten(command.port);
    case 'tcpListenTransparent':
      return transparentSocket(command.port).then((fd) => listen(command.port, { fd }));
    case 'tcpConnect':
      return open(command.address, command.port, command.from);
    case 'tcpSend':
      return send(command.connection, Buffer.alloc(command.bytes, 'x'));
    case 'tcpSay':
      return send(command.connection, Buffer.from(command.text));
    case 'tcpReceive':
      return receive(command.connection, command.bytes);
    case 'tcpClose':
      return close(command.connection);
    case 'tcpReset':
      return reset(command.connection);
    case 'udpEcho':
      return udpEcho(command.address, command.port);
    case 'udpSpeak':
      return udpSpeak(command.from, command.address, command.port, command.bytes);
    case 'udpJoin':
      return udpJoin(command.group, command.port, command.local);
    case 'udpSend':
      return udpSend(command.address, command.port, command.bytes, command.count, command.local);
    case 'udpExchange':
      return udpExchange(command.address, command.port, command.bytes, command.count);
    case 'udpSpread':
      return udpSpread(command.address, command.port, command.count);
    case 'tcpBurst':
      return tcpBurst(command.address, command.port, command.count);
    case 'udpBurst':
      return udpBurst(command.address, command.port, command.count);
    case 'tcpChurn':
      return tcpChurn(command.address, command.port, command.perSecond);
  }
}

function answer(line: AgentAnswer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { id, ...command } = JSON.parse(line) as AgentCommand & { id: number };
  perform(command).then(
    (port) => {
      answer({ id, port });
    },
    (error: unknown) => {
      answer({ id, port: 0, error: String(error) });
    },
  );
});
// Whoever started us is gone: so are we.
input.on('close', () => process.exit(0));
