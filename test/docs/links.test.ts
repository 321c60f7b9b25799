import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readText, ROOT } from './markdown.js';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs/', ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const text = heading.replace(/^#+ /, '').toLowerCase();
  return text.replace(/[^\p{L}\p{N}\- ]/gu, '').replaceAll(' ', '-');
}

for (const page of PAGES) {
  const text = readText(page);
  test(`${page}: every link within the repository leads somewhere`, () => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#');
      const url = path === '' ? new URL(page, ROOT) : new URL(path, new URL(page, ROOT));
      assert.ok(existsSync(url), target);
      if (anchor === undefined) continue;
      const headings = readText(url.href.slice(ROOT.href.length)).match(/^#+ .*$/gm) ?? [];
      assert.ok(headings.map(anchorOf).includes(anchor), target);
    }
  });
  test(`${page}: every file named is there`, () => {
    const named = text.matchAll(/`((?:src|parsers|test|fixtures|docs|bench|\.ci)\/[\w./-]*)`/g);
    for (const [, path = ''] of named) assert.ok(existsSync(new URL(path, ROOT)), path);
  });
}

test('every page of docs/ is linked from the README', () => {
  const readme = readText('README.md');
  for (const page of PAGES.filter((path) => path !== 'README.md'))
    assert.ok(readme.includes(`(${page})`), page);
});
