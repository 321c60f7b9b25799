import type { HostFlow } from '../flows/host-flow.js';
import type { AccountingInterval } from './accounting.js';

/** Something that keeps account of what flows. */
export interface Account {
  /** Fulfilled when nothing more can come. */
  readonly ended: Promise<void>;
  /** Brings the account up to date, and closes an interval. */
  interval(): Promise<AccountingInterval<HostFlow>>;
  close(): Promise<void>;
}
