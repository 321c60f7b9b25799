import { isIP } from 'node:net';
import { addCounters, type Counter } from '../../parsers/counter.js';
import { MANY, NO_PORT, type Endpoint, type FlowKey, type FlowRow } from '../model/flow-row.js';
import { sanitizeText } from '../model/sanitize.js';
import type { Traffic } from '../model/traffic.js';

/** The appearance of cells. */
export interface CellStyle {
  /** The text of a number of bytes. */
  size: (bytes: Counter) => string;
  /** True if the listing has rows of several sources. Only then is the source noted. */
  mixedSources: boolean;
  /** True if names replace addresses because there is no room for both. */
  namesAsPeers?: boolean;
  /** True if zones have no column of their own. */
  zonesAsNotes?: boolean;
}

/** The content of a column. Layouts decide by it which column gives way first. */
export type Role =
  | 'local'
  | 'arrow'
  | 'peer'
  | 'protocol'
  | 'connections'
  | 'packets'
  | 'bytes'
  | 'rate'
  | 'sum'
  | 'totals'
  | 'details'
  | 'notes';

/** One column of a listing. */
export interface Column {
  heading: string;
  /** True to leave the column out if no row has a text in it. */
  isOptional?: true;
  alignment: 'left' | 'right';
  role: Role;
  /** The least width. It keeps columns in place while their numbers change. */
  atLeast?: number;
  cell: (row: FlowRow, style: CellStyle) => string;
}

const UNKNOWN = '-';

/** The arrow of each direction. */
const arrows: Readonly<Record<FlowKey['direction'], string>> = {
  active: '-->',
  passive: '<--',
  forwarded: '->>',
  loopback: '<=>',
  many: '<->',
};

/** `addr:port`, `[addr]:port` for IPv6, and the address alone if the protocol has no ports. */
function endpointText({ addr, port }: Endpoint): string {
  if (port === NO_PORT) return sanitizeText(addr);
  return sanitizeText(addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`);
}

/** The facts about a row that have no column of their own. */
export function notesOf({ key, name, source }: FlowRow, style: CellStyle): string {
  const parts: string[] = [];
  if (name !== undefined && style.namesAsPeers !== true) parts.push(sanitizeText(name));
  // `many` says nothing about the dialled addresses of a group.
  if (key.via !== undefined && key.via.addr !== MANY) parts.push(`(via ${endpointText(key.via)})`);
  if (key.direction === 'forwarded') parts.push('(forwarded)');
  if (style.zonesAsNotes === true && key.zone !== undefined) parts.push(`(zone ${key.zone})`);
  if (style.mixedSources && source === 'sockets') parts.push('(sockets)');
  return parts.join(' ').trim();
}

function peerText({ key: { peer }, name }: FlowRow, { namesAsPeers }: CellStyle): string {
  // A name that reads as an address could be mistaken for another peer's address.
  const isShown = namesAsPeers === true && name !== undefined && isIP(name) === 0;
  return endpointText(isShown ? { addr: name, port: peer.port } : peer);
}

function left(heading: string, role: Role, cell: Column['cell']): Column {
  return { heading, alignment: 'left', role, cell };
}

function right(heading: string, role: Role, cell: Column['cell'], atLeast?: number): Column {
  return { heading, alignment: 'right', role, cell, ...(atLeast === undefined ? {} : { atLeast }) };
}

const peerColumn = left('Peer', 'peer', peerText);

/** The columns that identify the flow of a row. */
const identityColumns: readonly Column[] = [
  left('Local', 'local', ({ key }) => endpointText(key.local)),
  left('<-->', 'arrow', ({ key }) => arrows[key.direction]),
  peerColumn,
  left('Proto', 'protocol', ({ key }) => sanitizeText(key.protocol)),
  right('Conns', 'connections', ({ connections }) => String(connections)),
];

type Way = keyof Traffic;

function totalPackets(way: Way): Column['cell'] {
  return ({ total }) => (total === null ? UNKNOWN : String(total[way].packets));
}

function totalBytes(way: Way): Column['cell'] {
  return ({ total }, { size }) => (total === null ? UNKNOWN : size(total[way].bytes));
}

function bytesPerSecond(way: Way): Column['cell'] {
  return ({ rate }, { size }) => (rate ? size(Math.round(rate[way].bytes)) : UNKNOWN);
}

const notesColumn = left('', 'notes', notesOf);

/** The columns of facts that most rows do not have. They come last, so that `awk` finds the others in their places. */
const detailColumns: readonly Column[] = [
  { ...left('State', 'details', ({ key }) => sanitizeText(key.state ?? '')), isOptional: true },
  { ...right('Zone', 'details', ({ key }) => String(key.zone ?? '')), isOptional: true },
];

const listedTraffic: readonly Column[] = [
  right('In pkts', 'packets', totalPackets('inbound')),
  right('In bytes', 'bytes', totalBytes('inbound')),
  right('Out pkts', 'packets', totalPackets('outbound')),
  right('Out bytes', 'bytes', totalBytes('outbound')),
];

/** The columns of a listing. The cells of the first nine hold no blank, except in human-readable sizes, so that `awk` can count columns. */
export const listingColumns: readonly Column[] = [
  ...identityColumns,
  ...listedTraffic,
  ...detailColumns,
  notesColumn,
];

/** The columns of a measurement: those of a listing, and rates before the notes. */
export const measuredColumns: readonly Column[] = [
  ...identityColumns,
  ...listedTraffic,
  right('In B/s', 'bytes', bytesPerSecond('inbound')),
  right('Out B/s', 'bytes', bytesPerSecond('outbound')),
  ...detailColumns,
  notesColumn,
];

/** The width of the longest size, `999.9 KiB`. */
const SIZE_WIDTH = 9;

function packetsPerSecond(way: Way): Column['cell'] {
  return ({ rate }) => {
    if (!rate) return UNKNOWN;
    const { packets } = rate[way];
    return packets > 0 && packets < 10 ? packets.toFixed(1) : String(Math.round(packets));
  };
}

/** The columns of the live view. */
export const liveColumns: readonly Column[] = [
  ...identityColumns,
  right('In pkt/s', 'packets', packetsPerSecond('inbound')),
  right('In/s', 'rate', bytesPerSecond('inbound'), SIZE_WIDTH),
  right('Out pkt/s', 'packets', packetsPerSecond('outbound')),
  right('Out/s', 'rate', bytesPerSecond('outbound'), SIZE_WIDTH),
  right('In total', 'totals', totalBytes('inbound'), SIZE_WIDTH),
  right('Out total', 'totals', totalBytes('outbound'), SIZE_WIDTH),
  right(
    'Total',
    'sum',
    ({ total }, { size }) =>
      total === null ? UNKNOWN : size(addCounters(total.inbound.bytes, total.outbound.bytes)),
    SIZE_WIDTH,
  ),
];

/** Moves the notes into the peer's column, on lines of their own beneath the address. */
export function withNotesBeneathPeer(columns: readonly Column[]): readonly Column[] {
  const merged: Column = {
    ...peerColumn,
    cell: (row, style) => {
      const notes = notesOf(row, style);
      return notes === '' ? peerColumn.cell(row, style) : `${peerColumn.cell(row, style)}\n${notes}`;
    },
  };
  return columns
    .filter((column) => column !== notesColumn)
    .map((column) => (column === peerColumn ? merged : column));
}
