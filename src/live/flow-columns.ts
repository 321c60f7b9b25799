import { isIP } from 'node:net';
import type { Counter } from '../../parsers/counter.js';
import type { Endpoint, PeerEndpoint } from '../model/host-flow.js';
import { humanSize } from '../render/human-size.js';
import { arrows, endpointText } from '../render/table-columns.js';
import { sanitizeText } from '../model/sanitize.js';
import { tightSize } from './fit-text.js';
import { type FlowRate, type RateSortKey } from '../model/rates.js';

/** What a cell depends on besides its flow. */
export interface CellStyle {
  /** Sizes as `1.05G`, where every character counts. */
  isTight: boolean;
  /** Names stand in for addresses, where there is no room beside. */
  namesAsPeers: boolean;
  mixedSources: boolean;
}

/** What a column holds, which decides when it goes. */
export type Role =
  'local' | 'arrow' | 'peer' | 'protocol' | 'connections' | 'packets' | 'rate' | 'sum' | 'totals';

/** One column of the live view. */
export interface Column {
  heading: string;
  role: Role;
  alignment: 'left' | 'right';
  /** So wide at least that columns keep their places while the numbers in them change. */
  atLeast: number;
  /** The order that this column shows. */
  sort?: RateSortKey;
  cell: (flow: FlowRate, style: CellStyle) => string;
}

const UNKNOWN = '-';
/** The longest size, `999.9 KiB`. */
const SIZE_WIDTH = 9;

/** A size for people; `1.05G` where it is tight. */
function size(bytes: number | Counter | undefined, { isTight }: CellStyle): string {
  if (bytes === undefined) return UNKNOWN;
  const text = humanSize(typeof bytes === 'number' ? Math.round(bytes) : bytes);
  return isTight ? tightSize(text) : text;
}

/** The name for the address, unless it could be taken for another address. */
function named({ addr, port, name }: PeerEndpoint): Endpoint {
  return { addr: name === undefined || isIP(name) !== 0 ? addr : name, port };
}

function sumOfTotals({ total }: FlowRate): Counter | undefined {
  if (total === null) return undefined;
  const sum = BigInt(total.inbound.bytes) + BigInt(total.outbound.bytes);
  return sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : sum;
}

function packets(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN;
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

function numeric(
  heading: string,
  role: Role,
  cell: Column['cell'],
  atLeast: number,
  sort?: RateSortKey,
): Column {
  const column: Column = { heading, role, alignment: 'right', atLeast, cell };
  return sort === undefined ? column : { ...column, sort };
}

/** All of them, in their order. */
export const columns: readonly Column[] = [
  {
    heading: 'Local',
    role: 'local',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => endpointText(flow.local),
  },
  {
    heading: '<-->',
    role: 'arrow',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => arrows[flow.direction],
  },
  {
    heading: 'Peer',
    role: 'peer',
    alignment: 'left',
    atLeast: 0,
    sort: 'peer',
    cell: ({ peer }, { namesAsPeers }) => endpointText(namesAsPeers ? named(peer) : peer),
  },
  {
    heading: 'Proto',
    role: 'protocol',
    alignment: 'left',
    atLeast: 0,
    cell: (flow) => sanitizeText(flow.protocol),
  },
  numeric('Conns', 'connections', (flow) => String(flow.connections), 0, 'connections'),
  numeric('In pkt/s', 'packets', ({ rate }) => packets(rate?.inbound.packets), 0),
  numeric('In/s', 'rate', ({ rate }, style) => size(rate?.inbound.bytes, style), SIZE_WIDTH, 'in'),
  numeric('Out pkt/s', 'packets', ({ rate }) => packets(rate?.outbound.packets), 0),
  numeric('Out/s', 'rate', ({ rate }, style) => size(rate?.outbound.bytes, style), SIZE_WIDTH, 'out'),
  numeric('In total', 'totals', ({ total }, style) => size(total?.inbound.bytes, style), SIZE_WIDTH),
  numeric('Out total', 'totals', ({ total }, style) => size(total?.outbound.bytes, style), SIZE_WIDTH),
  numeric('Total', 'sum', (flow, style) => size(sumOfTotals(flow), style), SIZE_WIDTH, 'total'),
];
