import { readFileSync } from 'node:fs';

/** The root of the repository, seen from the compiled test. */
export const ROOT: URL = new URL('../../../', import.meta.url);

/** The text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** A fenced code block. */
export interface CodeBlock {
  /** The text behind the opening fence: a language, and words for the reader of the block. */
  info: string;
  text: string;
  /** The line of the opening fence, from 1. */
  line: number;
}

/** The fenced code blocks of a Markdown text, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (!line.startsWith('```')) open?.lines.push(line);
    else if (open === undefined) open = { info: line.slice(3).trim(), line: index + 1, lines: [] };
    else {
      blocks.push({ info: open.info, line: open.line, text: open.lines.map((text) => `${text}\n`).join('') });
      open = undefined;
    }
  }
  return blocks;
}

/** The lines between a heading and the next one of the same level. */
export function sectionOf(markdown: string, heading: string): string {
  const level = `${/^#+/.exec(heading)?.[0] ?? ''} `;
  const lines = markdown.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith(level));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}
