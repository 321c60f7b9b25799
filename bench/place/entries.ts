/** The address of the host that the generated entries belong to. */
export const LOCAL_ADDRESS = '10.77.0.1';

/** The network of all its peers, reserved for benchmarks (RFC 2544). */
export const PEER_NETWORK = '198.18.0.0/15';

const FIRST_PEER = 0xc612_0000;
const PEERS = 1 << 17;
const SERVICE_PORTS = [443, 80, 53, 3306, 5432, 6379, 8080, 8443] as const;
const FIRST_EPHEMERAL_PORT = 32_768;
const EPHEMERAL_PORTS = 28_000;
/** A step that visits every index once and out of order, like a dump in the order of the kernel's hash. */
const STRIDE = 7_368_787;

/** Number of entries and of host flows. */
export interface Extent {
  entries: number;
  flows: number;
}

/** The values that vary between entries. */
export interface MadeEntry {
  /** Index of its host flow, from 0. */
  flow: number;
  protocol: 'tcp' | 'udp';
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  timeoutSeconds: number;
  packets: number;
  bytes: number;
  replyPackets: number;
  replyBytes: number;
}

/** The entry with this index. The host opens half of the flows and accepts half. A fifth is UDP. */
export function entryOf(index: number, { entries, flows }: Extent): MadeEntry {
  const shuffled = (index * STRIDE) % entries;
  const flow = shuffled % flows;
  const ephemeralPort = FIRST_EPHEMERAL_PORT + (Math.floor(shuffled / flows) % EPHEMERAL_PORTS);
  const peer = peerAddress(flow % PEERS);
  const isActive = flow % 2 === 0;
  const noise = Math.imul(shuffled + 1, 0x9e37_79b1) >>> 0;
  return {
    flow,
    protocol: flow % 5 === 0 ? 'udp' : 'tcp',
    source: isActive ? LOCAL_ADDRESS : peer,
    destination: isActive ? peer : LOCAL_ADDRESS,
    sourcePort: ephemeralPort,
    destinationPort: servicePort(flow),
    timeoutSeconds: 400_000 + (noise % 30_000),
    packets: 1 + (noise % 900),
    bytes: 40 + (noise % 3_000_000),
    replyPackets: 1 + (noise % 700),
    replyBytes: 40 + ((noise >>> 5) % 50_000_000),
  };
}

function peerAddress(index: number): string {
  const address = FIRST_PEER + index;
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** When the peers are used up, their flows differ in the service port. */
function servicePort(flow: number): number {
  const round = Math.floor(flow / PEERS);
  return (
    SERVICE_PORTS[round < SERVICE_PORTS.length ? (flow + round) % SERVICE_PORTS.length : -1] ?? 10_000 + round
  );
}
