import { Cleanup } from './place/cleanup.js';
import { measureGrowth } from './growth.js';
import { describeMachine, loadAverage } from './machine.js';
import { chooseMeter } from './meter.js';
import { removeStaleNamespaces } from './place/namespace.js';
import { HELP, parseOptions, UsageError, type BenchOptions } from './options.js';
import { measureOverTime } from './over-time.js';
import { profileListing } from './profile.js';
import { profileTable } from './report/profile-summary.js';
import { casesTable, growthTables, missingList, targetsTable } from './report/report.js';
import { saveFigures, saveGrowth, saveOverTime, saveProfile } from './report/save.js';
import { chooseScale } from './place/scale.js';
import { measureTargets } from './targets.js';
import { Workshop } from './place/workshop.js';

const EXIT_USAGE = 2;

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
}

async function showProfile({ runs, save }: BenchOptions, workshop: Workshop): Promise<void> {
  const table = profileTable(await profileListing(workshop, runs, progress));
  progress('');
  process.stdout.write(`\n${table}`);
  if (save) await saveProfile(table);
}

async function showTargets(options: BenchOptions, workshop: Workshop): Promise<void> {
  const meter = chooseMeter(workshop.directory);
  const loadBefore = loadAverage();
  const { criteria, measured } = await measureTargets(options, workshop, meter, progress);
  progress('');
  const remarks = [
    ...describeMachine(),
    `load average ${loadBefore} before and ${loadAverage()} after, these processes included`,
    `measured with ${meter.description}`,
    ...workshop.remarks,
  ];
  const notes = `${remarks.map((remark) => `- ${remark}\n`).join('')}${missingList(measured.missing)}`;
  const figures = [
    `Medians of ${options.runs} runs, in turn.\n`,
    targetsTable(criteria, measured.medians),
    casesTable(measured.medians),
    notes,
  ].join('\n');
  process.stdout.write(`\n${figures}`);
  if (options.save) await saveFigures(figures);
}

async function showGrowth(options: BenchOptions, workshop: Workshop): Promise<void> {
  const growth = await measureGrowth(options, workshop, chooseMeter(workshop.directory), progress);
  progress('');
  process.stdout.write(`\n${growthTables(growth)}`);
  if (options.save) saveGrowth(growth);
}

async function showOverTime({ seconds, save }: BenchOptions, workshop: Workshop): Promise<void> {
  const loadBefore = loadAverage();
  const tables = await measureOverTime(workshop, seconds, progress);
  progress('');
  const remarks = [...describeMachine(), `load average ${loadBefore} before and ${loadAverage()} after`];
  const text = `${tables}\n${remarks.map((remark) => `- ${remark}\n`).join('')}`;
  process.stdout.write(`\n${text}`);
  if (save) await saveOverTime(text);
}

async function run(options: BenchOptions): Promise<void> {
  const cleanup = new Cleanup();
  try {
    removeStaleNamespaces();
    const workshop = new Workshop(chooseScale(options.entries), cleanup);
    const { growth, profile, overTime, save } = options;
    const one = growth || profile || overTime;
    if (!one) await showTargets(options, workshop);
    if (growth || (save && !one)) await showGrowth(options, workshop);
    if (overTime) await showOverTime(options, workshop);
    if (profile || (save && !one)) await showProfile(options, workshop);
  } finally {
    cleanup.run();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`bench: ${error.message}\n\n${HELP}`);
  process.exitCode = EXIT_USAGE;
}
