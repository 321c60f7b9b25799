import type { SummedFlows } from '../../engine/summed-flows.js';
import type { Diagnostic, SocketBytes } from '../../model/diagnostics.js';
import type { FlowSource } from '../../model/flow-row.js';

/** All host flows of one reading, not yet filtered. */
export interface Collected {
  flows: SummedFlows;
  source: FlowSource;
  diagnostics: Diagnostic[];
  /** The state of the sockets' bytes. */
  bytes: SocketBytes;
  /** One line: what was read, and why nothing faster. */
  choice: string;
}
