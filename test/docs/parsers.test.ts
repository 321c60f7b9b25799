import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as parsers from 'hostflow/parsers';
import * as arbitraries from 'hostflow/parsers/arbitraries';
import { runExample, testExamples } from './examples.js';
import { readText, sectionOf } from './markdown.js';

const PAGE = 'docs/parsers.md';
const guide = readText(PAGE);
const examples = testExamples(PAGE);
const [first] = examples;

test('the first example is the first thing on the page, and takes less than ten lines', () => {
  assert.ok(first !== undefined);
  assert.match(sectionOf(guide, '## Bytes per destination port'), /runnable stdin=/);
  assert.equal(/^## .*$/m.exec(guide)?.[0], '## Bytes per destination port');
  assert.ok(first.text.trimEnd().split('\n').length < 10);
});

const TCP = 'tcp      6 10 CLOSE src=192.0.2.1 dst=192.0.2.2 sport=1 dport=80';
const TCP_REPLY = 'src=192.0.2.2 dst=192.0.2.1 sport=80 dport=1';

test('the first example adds up what has ports and counters, exactly, and nothing else', () => {
  assert.ok(first !== undefined);
  const largest = '18446744073709551615';
  const trailer = 'conntrack v1.4.7 (conntrack-tools): 6 flow entries have been shown.';
  const lines = [
    `${TCP} packets=1 bytes=${largest} ${TCP_REPLY} packets=1 bytes=${largest} mark=0 use=1`,
    `${TCP} packets=1 bytes=7 src=192.0.2.2 dst=192.0.2.1 sp${trailer}`,
    `ort=80 dport=1 packets=1 bytes=8 mark=0 use=1`,
    `${TCP} ${TCP_REPLY} mark=0 use=1`,
    'icmp     1 9 src=192.0.2.1 dst=192.0.2.2 type=8 code=0 id=80 packets=1 bytes=84 src=192.0.2.2 dst=192.0.2.1 type=0 code=0 id=80 packets=1 bytes=84 use=1',
    'unknown  2 9 src=192.0.2.1 dst=224.0.0.1 packets=1 bytes=32 [UNREPLIED] src=224.0.0.1 dst=192.0.2.1 packets=0 bytes=0 use=1',
    '',
    'udp      17 9 src=::1 dst=::2 sport=2 dport=53 packets=1 bytes=40 src=::2 dst=::1 sport=53 dport=2 packets=1 bytes=2 use=1',
    trailer,
  ];
  const { stdout, stderr, status } = runExample(first.file, lines.join('\n'));
  assert.deepEqual([stdout, stderr, status], ['80 36893488147419103245\n53 42\n', '', 0]);
});

test('every export of the parsers is named in prose, and some example calls it', () => {
  const code = examples.map(({ text }) => text).join('\n');
  const prose = guide.replaceAll(/^```[^]*?^```$/gm, '');
  const names = Object.entries(parsers);
  assert.ok(names.length > 20);
  for (const [name, value] of names) {
    assert.match(prose, new RegExp(`\`${name}\\b`), `${name} is named`);
    // ParseError is thrown by others; a constant is not called.
    const isCalled = typeof value === 'function' && name !== 'ParseError';
    const use = isCalled ? new RegExp(`\\b${name}\\(`) : new RegExp(`\\b${name}\\b`);
    assert.match(code.replaceAll(/^import [^]*?;$/gm, ''), use, `${name} is used`);
  }
});

test('every generator is named', () => {
  const section = sectionOf(guide, '## Testing your own code');
  assert.deepEqual(
    Object.keys(arbitraries).filter((name) => !section.includes(`\`${name}(`)),
    [],
  );
});

test('every type that the parsers export is named', () => {
  const index = readText('parsers/index.ts') + readText('parsers/arbitraries/index.ts');
  const modules = [...index.matchAll(/export type \* from '\.\/(.+)\.js'/g)].map(([, module]) => module);
  const named = [...index.matchAll(/\btype ([A-Z]\w+)/g)].map(([, name]) => name ?? '');
  const declared = modules.flatMap((module) =>
    [...readText(`parsers/${module}.ts`).matchAll(/^export (?:type|interface) (\w+)/gm)].map(
      ([, name]) => name ?? '',
    ),
  );
  assert.ok(named.length > 5 && declared.length > 20);
  for (const name of [...named, ...declared])
    assert.match(guide, new RegExp(`\\b${name}\\b`), `${name} is named`);
});
