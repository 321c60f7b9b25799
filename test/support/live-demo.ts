// Shows synthetic flows live: node dist/test/support/live-demo.js [FLOWS [losses]]
import { LiveView } from '../../src/live/live-view.js';
import { initialState } from '../../src/live/view-state.js';
import { PeerNames } from '../../src/live/peer-names.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import { NAMES, SETTING, syntheticInterval } from './synthetic-flows.js';

const count = Number(process.argv[2] ?? 3);
const losses =
  process.argv[3] === undefined
    ? NO_LOSSES
    : {
        ...NO_LOSSES,
        endedUnseen: 12,
        eventLosses: 1,
        resynchronisations: 1,
        since: 0,
        unknownConnections: 3,
      };

const view = new LiveView(process.stdin, process.stdout, initialState(SETTING), {
  names: (onFound) => new PeerNames(onFound, () => Promise.resolve(NAMES)),
});
let number = 0;
const timer = setInterval(() => {
  number += 1;
  const { rows, seconds } = syntheticInterval(count, number);
  view.update({ start: new Date(), rows, seconds, losses, notices: [] });
}, 500);
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    view.stop();
  });
}
process.once('uncaughtException', (error) => {
  view.stop();
  throw error;
});
await view.ended;
clearInterval(timer);
