import {
  type Endpoint,
  type AverageRate,
  type FlowStat,
  MANY,
  type HostFlow,
  NO_PORT,
} from '../model/host-flow.js';
import { humanSize } from './human-size.js';
import { sanitizeText } from '../model/sanitize.js';

/** What a cell depends on besides its flow. */
export interface CellStyle {
  human: boolean;
  /** Whether flows of several sources stand in the listing: only then is a source worth a note. */
  mixedSources: boolean;
  /** Whether the flows have rates. */
  rates: boolean;
}

/** One column of the table. */
export interface Column {
  heading: string;
  alignment: 'left' | 'right';
  /** What a narrow terminal may do to it: see the layout. */
  role: 'arrow' | 'address' | 'detail' | 'packets' | 'notes';
  cell: (flow: HostFlow, style: CellStyle) => string;
}

const UNKNOWN = '-';

/** How a direction looks. */
export const arrows: Readonly<Record<HostFlow['direction'], string>> = {
  active: '-->',
  passive: '<--',
  forwarded: '->>',
  loopback: '<=>',
  many: '<->',
};

/** `addr:port`, `[addr]:port` for IPv6, and the address alone where the protocol has no ports. */
export function endpointText({ addr, port }: Endpoint): string {
  if (port === NO_PORT) return sanitizeText(addr);
  return sanitizeText(addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`);
}

function counterCell(key: keyof FlowStat): Column['cell'] {
  return (flow) => (flow.stat === null ? UNKNOWN : String(flow.stat[key]));
}

function sizeCell(key: keyof FlowStat): Column['cell'] {
  return (flow, style) => {
    if (flow.stat === null) return UNKNOWN;
    return style.human ? humanSize(flow.stat[key]) : String(flow.stat[key]);
  };
}

function rateCell(key: keyof AverageRate): Column['cell'] {
  return ({ rate }, style) => {
    if (rate === undefined || rate === null) return UNKNOWN;
    return style.human ? humanSize(Math.round(rate[key])) : String(Math.round(rate[key]));
  };
}

/** What there is to say about a flow beyond its columns. */
export function notes(flow: HostFlow, style: Pick<CellStyle, 'mixedSources'>): string {
  const parts: string[] = [];
  if (flow.peer.name !== undefined) parts.push(sanitizeText(flow.peer.name));
  // Of rows that add up flows by several dialled addresses and by none, it says nothing.
  if (flow.via !== undefined && flow.via.addr !== MANY) parts.push(`(via ${endpointText(flow.via)})`);
  if (flow.direction === 'forwarded') parts.push('(forwarded)');
  if (style.mixedSources && flow.source === 'sockets') parts.push('(sockets)');
  return parts.join(' ').trim();
}

const peerColumn: Column = {
  heading: 'Peer',
  alignment: 'left',
  role: 'address',
  cell: (flow) => endpointText(flow.peer),
};

/** All columns, in their order. The first nine have no blank in a cell (sizes for people apart), so that `awk` can count them. */
export const tableColumns: readonly Column[] = [
  { heading: 'Local', alignment: 'left', role: 'address', cell: (flow) => endpointText(flow.local) },
  { heading: '<-->', alignment: 'left', role: 'arrow', cell: (flow) => arrows[flow.direction] },
  peerColumn,
  { heading: 'Proto', alignment: 'left', role: 'detail', cell: (flow) => sanitizeText(flow.protocol) },
  { heading: 'Conns', alignment: 'right', role: 'detail', cell: (flow) => String(flow.connections) },
  { heading: 'In pkts', alignment: 'right', role: 'packets', cell: counterCell('total_inbound_packets') },
  { heading: 'In bytes', alignment: 'right', role: 'detail', cell: sizeCell('total_inbound_bytes') },
  { heading: 'Out pkts', alignment: 'right', role: 'packets', cell: counterCell('total_outbound_packets') },
  { heading: 'Out bytes', alignment: 'right', role: 'detail', cell: sizeCell('total_outbound_bytes') },
  { heading: '', alignment: 'left', role: 'notes', cell: notes },
];

/** The columns of a listing that was measured over time: bytes a second before the notes. */
export const measuredColumns: readonly Column[] = [
  ...tableColumns.slice(0, -1),
  { heading: 'In B/s', alignment: 'right', role: 'detail', cell: rateCell('inbound_bytes') },
  { heading: 'Out B/s', alignment: 'right', role: 'detail', cell: rateCell('outbound_bytes') },
  ...tableColumns.slice(-1),
];

/** The given columns with the notes on lines of their own beneath the peer's address, in its column. */
export function withNotesBeneathPeer(columns: readonly Column[]): readonly Column[] {
  const merged: Column = {
    ...peerColumn,
    cell: (flow, style) => {
      const note = notes(flow, style);
      return note === '' ? peerColumn.cell(flow, style) : `${peerColumn.cell(flow, style)}\n${note}`;
    },
  };
  return columns
    .filter((column) => column.role !== 'notes')
    .map((column) => (column === peerColumn ? merged : column));
}
