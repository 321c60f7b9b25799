import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { markdownTable } from './report/markdown-table.js';
import { OverTimePlace } from './place/over-time-place.js';
import { MAIN } from './repository.js';
import type { Workshop } from './place/workshop.js';

const CONNECTIONS_A_SECOND = 2000;
/** `USER_HZ`, 100 on every current architecture. */
const TICKS_A_SECOND = 100;
const BYTES_PER_KIB = 1024;
const BYTES_PER_MB = 1e6;
const START_SECONDS = 2;
const SAMPLES = 10;
/**
 * UDP flows a second, each of which ends a second later. At higher rates the table is full, and two processors make
 * fewer.
 */
const RATES = [25_000, 50_000, 100_000];
const RATE_SECONDS = 10;
/** Longer than the last flow lives. */
const RATE_END_SECONDS = 6;
/** Number of flows that end while hostflow is stopped. The kernel keeps their events for it. */
const WAITING = [200_000, 500_000, 1_000_000, 2_000_000];
const WAITING_RATE = 100_000;

/** Flows that come and go. They are forgotten a minute after their entries ended, and those end up to a minute late. */
const PEERS = { startSeconds: 4, rate: 40_000, seconds: 10, idleSeconds: 130, quietSeconds: 10 } as const;

/** The processes measured side by side under the steady load. */
const RUNS: readonly (readonly [name: string, ...args: string[]])[] = [
  ['measure', 'measure', '-n', '--json'],
  ['watch --interval 2s', 'watch', '-n', '--json', '--interval', '2s'],
  ['watch --interval 30s', 'watch', '-n', '--json', '--interval', '30s'],
];

/** A hostflow process that keeps account. */
class Running {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** The number of lines written. */
  lines = 0;
  #lastLine = '';
  #stderr = '';

  constructor(place: OverTimePlace, [name, ...args]: (typeof RUNS)[number]) {
    this.name = name;
    this.#child = place.run([process.execPath, MAIN, ...args]);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // Only the end is needed, and a run writes for minutes.
      this.#lastLine = (this.#lastLine + text).slice(-20_000);
      this.lines += text.split('\n').length - 1;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#closed = once(this.#child, 'close');
  }

  /** Processor time of all its threads, in user and kernel mode. */
  cpuSeconds(): number {
    const fields = this.#proc('stat')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }

  residentBytes(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(this.#proc('status'))?.[1]) * BYTES_PER_KIB;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends the process as Ctrl-C does. */
  async end(): Promise<{ stdout: string; stderr: string }> {
    this.signal('SIGINT');
    await this.#closed;
    return { stdout: this.#lastLine, stderr: this.#stderr };
  }

  #proc(file: string): string {
    return readFileSync(`/proc/${this.#child.pid ?? 0}/${file}`, 'utf8');
  }
}

/** Measures the cost of keeping account. Returns Markdown. @throws Unavailable if this machine cannot make the load */
export async function measureOverTime(
  workshop: Workshop,
  seconds: number,
  progress: (text: string) => void,
): Promise<string> {
  const place = workshop.overTimePlace();
  await place.serve();
  const steady = await underSteadyLoad(place, seconds, progress);
  const rates = await atRates(place, progress);
  const waiting = await whileStopped(place, progress);
  const gone = await afterPeersLeft(place, progress);
  return [steady, rates, waiting, gone].join('\n');
}

interface Sample {
  cpuSeconds: number;
  residentBytes: number;
}

async function underSteadyLoad(
  place: OverTimePlace,
  seconds: number,
  progress: (text: string) => void,
): Promise<string> {
  const running = RUNS.map((run) => new Running(place, run));
  await sleep(START_SECONDS * 1000);
  const made = place.open(CONNECTIONS_A_SECOND, seconds);
  const samples: Sample[][] = running.map((one) => [sampleOf(one)]);
  const entries: number[] = [];
  for (let taken = 1; taken <= SAMPLES; taken++) {
    progress(`over time: ${Math.round(((taken - 1) * seconds) / SAMPLES)} of ${seconds} s`);
    await sleep((seconds * 1000) / SAMPLES);
    running.forEach((one, index) => samples[index]?.push(sampleOf(one)));
    entries.push(place.client.entries());
  }
  const connections = await made;
  const outcomes = await Promise.all(running.map((one) => one.end()));
  const rows = running.map(({ name }, index) => steadyRow(name, samples[index] ?? [], seconds));
  const reported = outcomes.flatMap(({ stderr }, index) =>
    stderr === '' ? [] : [`- ${running[index]?.name ?? ''}: ${stderr.trim().split('\n').at(-1) ?? ''}\n`],
  );
  return (
    `${connections} TCP connections in ${seconds} s; entries at each tenth of it: ${entries.join(', ')}.\n\n` +
    markdownTable(
      [
        ['process', 'left'],
        ['CPU, of one core', 'right'],
        ['of it in the second half', 'right'],
        ['resident after a tenth', 'right'],
        ['after half', 'right'],
        ['in the end', 'right'],
      ],
      rows,
    ) +
    (reported.length === 0 ? '' : `\nLosses reported:\n\n${reported.join('')}`)
  );
}

function sampleOf(one: Running): Sample {
  return { cpuSeconds: one.cpuSeconds(), residentBytes: one.residentBytes() };
}

function steadyRow(name: string, samples: readonly Sample[], seconds: number): string[] {
  const at = (index: number): Sample => samples[index] ?? { cpuSeconds: NaN, residentBytes: NaN };
  const cpu = (from: number, to: number): string => {
    const share = (at(to).cpuSeconds - at(from).cpuSeconds) / ((seconds * (to - from)) / SAMPLES);
    return `${(share * 100).toFixed(1)} %`;
  };
  const memory = (index: number): string => `${(at(index).residentBytes / BYTES_PER_MB).toFixed(0)} MB`;
  const half = SAMPLES / 2;
  return [name, cpu(0, SAMPLES), cpu(half, SAMPLES), memory(1), memory(half), memory(SAMPLES)];
}

const MEASURE = ['measure', 'measure', '-n', '--json', '--by', 'local', '--protocol', 'udp'] as const;
const OUTCOME: Parameters<typeof markdownTable>[0] = [
  ['sent', 'right'],
  ['counted', 'right'],
  ['reported lost', 'left'],
];

/** UDP flows of one datagram, at increasing rates. */
async function atRates(place: OverTimePlace, progress: (text: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const rate of RATES) {
    progress(`over time: ${rate} ends a second`);
    place.flush();
    const running = new Running(place, MEASURE);
    await sleep(START_SECONDS * 1000);
    const before = running.cpuSeconds();
    const started = performance.now();
    const sent = await place.send(rate, RATE_SECONDS, 1);
    const seconds = (performance.now() - started) / 1000;
    const share = ((running.cpuSeconds() - before) / seconds) * 100;
    await sleep(RATE_END_SECONDS * 1000);
    const reached = String(Math.round(sent / seconds / 1000) * 1000);
    rows.push([reached, `${share.toFixed(0)} %`, ...outcome(sent, await running.end())]);
  }
  const columns = [['ends a second', 'right'], ['CPU, of one core', 'right'], ...OUTCOME] as const;
  return markdownTable(columns, rows);
}

/** UDP flows that end while hostflow is stopped. */
async function whileStopped(place: OverTimePlace, progress: (text: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const ends of WAITING) {
    progress(`over time: ${ends} ends while it is stopped`);
    place.flush();
    const running = new Running(place, MEASURE);
    await sleep(START_SECONDS * 1000);
    running.signal('SIGSTOP');
    const sent = await place.send(WAITING_RATE, ends / WAITING_RATE, 1);
    await sleep(RATE_END_SECONDS * 1000);
    running.signal('SIGCONT');
    rows.push([String(ends), ...outcome(sent, await running.end())]);
  }
  return markdownTable([['ends while stopped', 'right'], ...OUTCOME], rows);
}

/** Flows of one datagram each that come and go, and the memory that stays of them. */
async function afterPeersLeft(place: OverTimePlace, progress: (text: string) => void): Promise<string> {
  place.flush();
  const running = new Running(place, ['watch', 'watch', '-n', '--json', '--interval', '1s']);
  await sleep(PEERS.startSeconds * 1000);
  const start = running.residentBytes();
  progress(`over time: ${PEERS.rate * PEERS.seconds} flows come and go`);
  const sent = await place.send(PEERS.rate, PEERS.seconds, 1);
  await sleep(RATE_END_SECONDS * 1000);
  const peak = running.residentBytes();
  progress('over time: a minute and more without traffic');
  await sleep(PEERS.idleSeconds * 1000);
  const [lines, end] = [running.lines, running.residentBytes()];
  await sleep(PEERS.quietSeconds * 1000);
  const rows = running.lines - lines;
  await running.end();
  const memory = (bytes: number): string => `${(bytes / BYTES_PER_MB).toFixed(0)} MB`;
  return markdownTable(
    [
      ['flows that came and went', 'right'],
      ['resident at the start', 'right'],
      ['when the last has ended', 'right'],
      [`${PEERS.idleSeconds} s later`, 'right'],
      [`rows in ${PEERS.quietSeconds} s from then on`, 'right'],
    ],
    [[String(sent), memory(start), memory(peak), memory(end), String(rows)]],
  );
}

function outcome(sent: number, { stdout, stderr }: { stdout: string; stderr: string }): string[] {
  const flows = JSON.parse(stdout) as { stat: { total_outbound_packets: number } | null }[];
  const counted = flows.reduce((sum, { stat }) => sum + (stat?.total_outbound_packets ?? 0), 0);
  return [String(sent), String(counted), stderr.replace(/^hostflow: ([^,:]*).*/s, '$1').trim() || 'nothing'];
}
