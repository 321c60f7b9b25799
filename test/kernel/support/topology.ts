import type { Host, Network } from './network.js';

export const CLIENT = '192.0.2.1';
export const CLIENT6 = '2001:db8:1::1';
export const SERVER = '192.0.2.2';
export const SERVER6 = '2001:db8:1::2';

/** Two hosts on one cable, both with IPv4 and IPv6. */
export function pair(network: Network): { client: Host; server: Host } {
  const client = network.host('client');
  const server = network.host('server');
  network.cable(
    { host: client, device: 'eth0', addresses: [`${CLIENT}/24`, `${CLIENT6}/64`] },
    { host: server, device: 'eth0', addresses: [`${SERVER}/24`, `${SERVER6}/64`] },
  );
  return { client, server };
}

export const OUTSIDE = '198.51.100.7';
export const ROUTER_OUTSIDE = '198.51.100.1';
export const ROUTER_INSIDE = '192.0.2.254';
export const INSIDE = '192.0.2.10';

/** A host outside, a router, and a host inside, which reach each other through the router only. */
export function routed(network: Network): { outside: Host; router: Host; inside: Host } {
  const outside = network.host('outside');
  const router = network.host('router');
  const inside = network.host('inside');
  network.cable(
    { host: outside, device: 'eth0', addresses: [`${OUTSIDE}/24`] },
    { host: router, device: 'wan0', addresses: [`${ROUTER_OUTSIDE}/24`] },
  );
  network.cable(
    { host: router, device: 'lan0', addresses: [`${ROUTER_INSIDE}/24`] },
    { host: inside, device: 'eth0', addresses: [`${INSIDE}/24`] },
  );
  inside.route(ROUTER_INSIDE);
  outside.route(ROUTER_OUTSIDE);
  router.forward();
  return { outside, router, inside };
}

/** Sizes of one TCP exchange, and where it goes. */
export interface Exchange {
  /** The address that the client dials. */
  address: string;
  port: number;
  /** The address on which the server listens, if the client dials another. */
  listen?: { address: string; port: number };
  /** The address that the client dials from, when it has several. */
  from?: string;
  request: number;
  response: number;
}

/** A TCP connection that carries a request and a response and stays open; gives the client's port. */
export async function exchange(client: Host, server: Host, what: Exchange): Promise<number> {
  const { address, port } = what.listen ?? what;
  await server.agent.call({ op: 'tcpListen', address, port });
  return converse(client, server, what);
}

/** {@link exchange} with a server that listens already. */
export async function converse(client: Host, server: Host, what: Exchange): Promise<number> {
  const { address, port, from, request, response } = what;
  const source = from === undefined ? {} : { from };
  const connection = await client.agent.call({ op: 'tcpConnect', address, port, ...source });
  await client.agent.call({ op: 'tcpSend', connection, bytes: request });
  await server.agent.call({ op: 'tcpReceive', connection, bytes: request });
  await server.agent.call({ op: 'tcpSend', connection, bytes: response });
  await client.agent.call({ op: 'tcpReceive', connection, bytes: response });
  return connection;
}
