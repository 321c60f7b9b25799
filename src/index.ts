export type { Direction, Endpoint, FlowSource, FlowStat, HostFlow, PeerEndpoint } from './flows/host-flow.js';
