import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { plotSvg } from './plot.js';
import type { Growth } from '../growth.js';
import { repositoryPath } from '../repository.js';

const PAGE = repositoryPath('docs/performance.md');

/** Writes the tables into docs/performance.md. */
export async function saveFigures(text: string): Promise<void> {
  await save('figures', text);
}

/** Writes the profile's summary into docs/performance.md. */
export async function saveProfile(text: string): Promise<void> {
  await save('profile', text);
}

/** Writes the cost of keeping account into docs/performance.md. */
export async function saveOverTime(text: string): Promise<void> {
  await save('over-time', text);
}

/** Writes the plots that docs/performance.md shows. */
export function saveGrowth({ entries, flows }: Record<'entries' | 'flows', Growth>): void {
  savePlot('entries', 'Cost by entries, at 4,000 host flows', 'entries (lines of conntrack text)', entries);
  savePlot('flows', 'Cost by host flows, at 1,000,000 entries', 'host flows', flows);
}

function savePlot(name: string, title: string, xLabel: string, { cpuSeconds, megabytes }: Growth): void {
  const svg = plotSvg(title, [
    { title: 'CPU time, seconds', xLabel, series: cpuSeconds },
    { title: 'Peak memory, MB', xLabel, series: megabytes },
  ]);
  writeFileSync(repositoryPath(`docs/performance-${name}.svg`), svg);
}

async function save(name: string, text: string): Promise<void> {
  const page = replaceBetweenMarkers(readFileSync(PAGE, 'utf8'), name, text);
  const config = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(page, { ...config, filepath: PAGE }));
}

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in a page. */
export function replaceBetweenMarkers(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
