import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText, sectionOf } from './markdown.js';

const errors = readText('docs/errors.md');

/** The codes that the rows of a section's table begin with. */
function documentedCodes(heading: string): string[] {
  const rows = sectionOf(errors, heading).split('\n');
  return rows.map((row) => /^\| `([a-z0-9-]+)`/.exec(row)?.[1]).filter((code) => code !== undefined);
}

/** The codes of a union type, as its source file spells them. */
function codesIn(path: string, declaration: RegExp, code: RegExp): string[] {
  const union = declaration.exec(readText(path))?.[0] ?? '';
  const codes = [...union.matchAll(code)].map((match) => match[1] ?? '');
  assert.ok(codes.length > 3, `${path} declares its codes where this test looks for them`);
  return codes;
}

void test('every ParseErrorCode has one row, and every row is one', () => {
  const codes = codesIn('parsers/errors.ts', /export type ParseErrorCode =[^;]+;/, /\| '([a-z0-9-]+)'/g);
  assert.deepEqual(documentedCodes('## Malformed lines').sort(), codes.sort());
});

void test('every DiagnosticCode has one row, and every row is one', () => {
  const union = /export type Diagnostic =[\s\S]+?;\n\n/;
  const codes = codesIn('src/diagnostics.ts', union, /code: '([a-z0-9-]+)'/g);
  assert.deepEqual(documentedCodes('## Warnings').sort(), codes.sort());
});

void test('every row says what it means and what to do', () => {
  for (const row of errors.split('\n').filter((line) => line.startsWith('| `'))) {
    const cells = row.replaceAll('\\|', '').split('|').slice(1, -1);
    assert.equal(cells.length, 3, row);
    assert.ok(
      cells.every((cell) => cell.trim() !== ''),
      row,
    );
  }
});
