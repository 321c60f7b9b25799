export { conntrackEntry, type ConntrackEntryConstraints } from './conntrack-entry.js';
export { conntrackLine } from './conntrack-line.js';
export { counter } from './counter.js';
export { ipAddress, type IpFamily } from './ip-address.js';
export { mutatedLine } from './mutated-line.js';
export { socketEntry } from './socket-entry.js';
export { socketLine } from './socket-line.js';
