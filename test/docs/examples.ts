import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { codeBlocks, readText, ROOT, type CodeBlock } from './markdown.js';

const ROOT_PATH: string = fileURLToPath(ROOT);
// Inside the package, so that `hostflow` is found by its own name, as in a program that depends on it.
const CACHE = join(ROOT_PATH, 'dist', 'test');

/** Compiles TypeScript files under this package's strict options and writes their JavaScript beside them. @returns the complaints */
function compile(files: readonly string[], directory: string): string {
  const { config } = ts.readConfigFile(join(ROOT_PATH, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      rootDir: directory,
      outDir: directory,
      declaration: false,
      isolatedDeclarations: false,
    },
    ROOT_PATH,
  );
  const program = ts.createProgram(files, options);
  const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => directory,
    getNewLine: () => '\n',
  });
}

/** Runs an example of a page, with a file of the repository or a text as its standard input. */
export function runExample(
  file: string,
  input: string,
): { status: number | null; stderr: string; stdout: string } {
  return spawnSync(process.execPath, [file], { cwd: ROOT_PATH, encoding: 'utf8', input, timeout: 30_000 });
}

/**
 * Writes the examples of a page (its blocks marked `runnable`) into files, TypeScript type-checked and compiled, and
 * tests that each prints what the `text` block behind it shows. `stdin=PATH` in the mark is the file it reads.
 * @returns the examples, each with its file
 */
export function testExamples(page: string): (CodeBlock & { file: string })[] {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'examples-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const blocks = codeBlocks(readText(page));
  const examples = blocks
    .filter(({ info }) => / runnable\b/.test(info))
    .map((block) => ({ ...block, file: join(directory, `line-${block.line}.mjs`) }));
  const typed = examples
    .filter(({ info }) => info.startsWith('ts '))
    .map(({ file }) => file.replace('.mjs', '.mts'));
  for (const { info, file, text } of examples)
    writeFileSync(info.startsWith('ts ') ? file.replace('.mjs', '.mts') : file, text);
  const complaints = typed.length === 0 ? '' : compile(typed, directory);
  if (typed.length > 0) {
    test(`${page}: the TypeScript examples pass the type check`, () => {
      assert.equal(complaints, '');
    });
  }
  for (const { file, info, line } of examples) {
    test(`${page}, line ${line}: the example runs and prints what is shown`, () => {
      const stdin = /\bstdin=(\S+)/.exec(info)?.[1];
      const run = runExample(file, stdin === undefined ? '' : readFileSync(join(ROOT_PATH, stdin), 'utf8'));
      assert.equal(run.stderr, '');
      assert.equal(run.status, 0);
      const shown = blocks[blocks.findIndex((block) => block.line === line) + 1];
      assert.equal(run.stdout, shown?.info === 'text' ? shown.text : '');
    });
  }
  test(`${page}: every block of code is run`, () => {
    const known = /^(?:text|sh|console)$|^(?:js|ts) runnable\b/;
    assert.deepEqual(
      blocks.filter(({ info }) => !known.test(info)),
      [],
    );
  });
  return examples;
}
