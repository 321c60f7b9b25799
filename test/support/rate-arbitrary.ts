import fc from 'fast-check';
import type { Traffic } from '../../src/engine/accounting/flow-account.js';
import type { FlowRate } from '../../src/model/rates.js';
import { flowRates } from '../../src/model/rates.js';
import { arbitraryCounter, arbitraryHostFlow } from './host-flow-arbitrary.js';

const counters = fc.record({ packets: arbitraryCounter, bytes: arbitraryCounter });
const traffic: fc.Arbitrary<Traffic> = fc.record({ inbound: counters, outbound: counters });

/** Any flow of an interval of two seconds: all its numbers known, or none. */
export const arbitraryRate: fc.Arbitrary<FlowRate> = fc
  .tuple(arbitraryHostFlow, fc.option(fc.tuple(traffic, traffic)))
  .map(([{ connections, ...flow }, known]) => {
    const [delta, total] = known ?? [null, null];
    const [rate] = flowRates({ flows: [{ flow, live: connections, ended: 0, delta, total }] }, 2);
    if (rate === undefined) throw new Error('a flow has a rate');
    return rate;
  });
