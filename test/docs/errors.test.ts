import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { snapshot } from 'hostflow';
import {
  conntrackEntries,
  tryParseConntrackEvent,
  tryParseConntrackExpectation,
  tryParseConntrackLine,
  tryParseSocketLine,
  type ParseResult,
} from 'hostflow/parsers';
import { codeBlocks, readText, sectionOf } from './markdown.js';

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

test('every ParseErrorCode has one row, and every row is one', () => {
  const codes = codesIn('parsers/parse-error.ts', /export type ParseErrorCode =[^;]+;/, /\| '([a-z0-9-]+)'/g);
  assert.deepEqual(documentedCodes('## Malformed lines').sort(), codes.sort());
});

test('every DiagnosticCode has one row, and every row is one', () => {
  const union = /export type Diagnostic =[\s\S]+?;\n\n/;
  const codes = codesIn('src/model/diagnostics.ts', union, /code: '([a-z0-9-]+)'/g);
  assert.deepEqual(documentedCodes('## Warnings').sort(), codes.sort());
});

test('every row states its meaning and the remedy', () => {
  for (const row of errors.split('\n').filter((line) => line.startsWith('| `'))) {
    const cells = row.replaceAll('\\|', '').split('|').slice(1, -1);
    assert.equal(cells.length, 3, row);
    assert.ok(
      cells.every((cell) => cell.trim() !== ''),
      row,
    );
  }
});

/** The code that a line shown as an example of `code` really gives. */
async function codeOf(line: string, code: string): Promise<string | undefined> {
  if (code === 'line-too-long') {
    const codes: string[] = [];
    const stream = Readable.from([line.replace('…', 'x'.repeat(65536))]);
    for await (const entry of conntrackEntries(stream, { onError: (error) => codes.push(error.code) }))
      codes.push(entry.protocol);
    return codes.join();
  }
  if (code === 'truncated') {
    // Without a line that can be read, the run would fail.
    const whole = `${line} [ASSURED] mark=0 use=1\n`;
    const { warnings } = await snapshot({ input: [Buffer.from(whole + line)], local: ['192.0.2.1'] });
    return warnings
      .map(({ message }) => /\((truncated)\); to stop at such lines/.exec(message)?.[1])
      .join('');
  }
  const parsers = new Map<string, (text: string) => ParseResult<unknown>>([
    ['not-event', tryParseConntrackEvent],
    ['not-expectation', tryParseConntrackExpectation],
    ['not-socket', tryParseSocketLine],
  ]);
  const result = (parsers.get(code) ?? tryParseConntrackLine)(line);
  return result.ok ? undefined : result.error.code;
}

test('every ParseErrorCode has an example line that gives it', async () => {
  const text = codeBlocks(errors).find(({ info }) => info === 'malformed')?.text ?? '';
  const examples = text
    .trimEnd()
    .split('\n')
    .map((row) => ({ code: row.slice(0, 19).trim(), line: row.slice(19) }));
  assert.deepEqual([...new Set(examples.map(({ code }) => code))], documentedCodes('## Malformed lines'));
  for (const { code, line } of examples) assert.equal(await codeOf(line, code), code, line);
});
