import type { FlowKey, FlowRow } from '../../src/model/flow-row.js';
import { NO_LOSSES } from '../../src/model/losses.js';
import { perSecond, type Traffic } from '../../src/model/traffic.js';
import type { ViewedInterval, ViewSetting } from '../../src/live/view-state.js';

export const SETTING: ViewSetting = {
  intervalSeconds: 2,
  source: 'conntrack events',
  selection: '',
  limit: 0,
  remarks: [],
};

/** Flow number `index` of a host with addresses for documentation; every kind is among the first dozen. */
export function syntheticKey(index: number): FlowKey {
  const isIpv6 = index % 7 === 3;
  const local = isIpv6 ? '2001:db8::10' : '192.0.2.10';
  const peer = isIpv6
    ? `2001:db8:7:${(index % 4096).toString(16)}::${(index + 100).toString(16)}`
    : `198.51.100.${index % 256}`;
  // There are no more addresses than that for documentation: further flows have other ports.
  const port = String(([443, 5432, 53, 22][index % 4] ?? 0) + 1000 * (index >> 8));
  const protocol = port === '53' ? 'udp' : 'tcp';
  const isForwarded = index % 11 === 8;
  if (index % 3 === 1 && !isForwarded) {
    return {
      direction: 'passive',
      protocol,
      local: { addr: local, port },
      peer: { addr: peer, port: 'many' },
    };
  }
  return {
    direction: isForwarded ? 'forwarded' : 'active',
    protocol,
    local: { addr: isForwarded ? '203.0.113.7' : local, port: 'many' },
    peer: { addr: peer, port },
    ...(index % 10 === 5 ? { via: { addr: '203.0.113.100', port } } : {}),
  };
}

/** The row of flow number `index` after an interval: one connection, which is open, unless `changes` say otherwise. */
export function syntheticRow(
  index: number,
  { delta, total }: { delta: Traffic | null; total: Traffic | null },
  seconds = 2,
  changes: Partial<FlowRow> = {},
): FlowRow {
  return {
    key: syntheticKey(index),
    connections: 1,
    live: 1,
    total,
    delta,
    rate: delta && perSecond(delta, seconds),
    source: 'conntrack',
    ...changes,
  };
}

function traffic(packets: number): Traffic {
  return {
    inbound: { packets, bytes: packets * 1100 },
    outbound: { packets: Math.floor(packets / 2), bytes: packets * 90 },
  };
}

/** The names of some of their peers. */
export const NAMES: ReadonlyMap<string, string> = new Map([
  ['198.51.100.0', 'mirror.example.net'],
  ['198.51.100.2', 'dns.example.org'],
  ['198.51.100.5', 'データ.example'],
]);

/** The interval of this number: a few flows carry nearly everything, many nothing. */
export function syntheticInterval(count: number, number: number, seconds = 2): ViewedInterval {
  const rows = Array.from({ length: count }, (_, index) => {
    const pace = index % 5 === 4 ? 0 : Math.floor(60_000 / (index + 1));
    const ripple = 1 + Math.floor(pace * (0.6 + 0.4 * Math.sin(number + index)));
    const live = (index % 6) + 1;
    const delta = traffic(pace === 0 ? 0 : ripple);
    const total = traffic(pace * number * 2 + 3);
    return syntheticRow(index, { delta, total }, seconds, { connections: pace === 0 ? 0 : live, live });
  });
  return { rows, departed: null, seconds, elapsedSeconds: number * seconds, losses: NO_LOSSES };
}
