/** The UDP traffic of the agent. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const AT_ONCE = 32;

/** Does something so many times, a few at a time. */
export async function burst(count: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const echoes = new Map<number, Socket>();

export async function udpEcho(address: string, port: number): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  echoes.set(port, socket);
  socket.on('message', (message, from) => {
    socket.send([message, message], from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return port;
}

export async function udpExchange(
  address: string,
  port: number,
  bytes: number,
  count: number,
): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  for (let sent = 0; sent < count; sent++) {
    socket.send(Buffer.alloc(bytes, 'x'));
    await once(socket, 'message');
  }
  return socket.address().port;
}

export async function udpSpeak(from: number, address: string, port: number, bytes: number): Promise<number> {
  const socket = echoes.get(from);
  if (socket === undefined) throw new Error(`no echo on port ${from}`);
  socket.send(Buffer.alloc(bytes), port, address);
  await sleep(20);
  return from;
}

export async function udpJoin(group: string, port: number, local: string): Promise<number> {
  const socket = createSocket(group.includes(':') ? 'udp6' : 'udp4');
  socket.bind(port);
  await once(socket, 'listening');
  socket.addMembership(group, local);
  return port;
}

export async function udpSend(
  address: string,
  port: number,
  bytes: number,
  count: number,
  local?: string,
): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind();
  await once(socket, 'listening');
  socket.setBroadcast(true);
  if (local !== undefined) socket.setMulticastInterface(local);
  for (let sent = 0; sent < count; sent++) {
    await new Promise<void>((resolve, reject) => {
      socket.send(Buffer.alloc(bytes), port, address, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  return socket.address().port;
}

export async function udpSpread(address: string, port: number, count: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind();
  await once(socket, 'listening');
  const payload = Buffer.alloc(10);
  for (let sent = 0; sent < count; sent++) {
    await new Promise<void>((resolve) => {
      // Datagrams that are refused or do not fit are not sent again. The test counts what the kernel tracked.
      socket.send(payload, port + sent, address, () => {
        resolve();
      });
    });
  }
  return socket.address().port;
}

export async function udpBurst(address: string, port: number, count: number): Promise<number> {
  await burst(count, async () => {
    const socket = createSocket('udp4');
    socket.send(Buffer.alloc(50), port, address);
    await once(socket, 'message');
    socket.close();
  });
  return port;
}
