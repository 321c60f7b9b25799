/** The lines of fixtures/published and fixtures/linux-6.18, as their READMEs demand: the public ones parse, the mangled ones never crash. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  isSocketHeader,
  tryParseConntrackEvent,
  tryParseConntrackExpectation,
  tryParseConntrackLine,
  tryParseSocketLine,
  type ParseResult,
} from '../../parsers/index.js';
import { brokenRule } from '../support/parsers/result-rules.js';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);

type TryParse = (line: string) => ParseResult<unknown>;

const ENTRY: TryParse = (line) => tryParseConntrackLine(line);
const EVENT: TryParse = (line) => tryParseConntrackEvent(line);
const EXPECTATION: TryParse = (line) => tryParseConntrackExpectation(line);
const SOCKET: TryParse = (line) => tryParseSocketLine(line);
const BIG_ENDIAN_SOCKET: TryParse = (line) => tryParseSocketLine(line, { byteOrder: 'big' });
const ALL: readonly TryParse[] = [ENTRY, EVENT, EXPECTATION, SOCKET, BIG_ENDIAN_SOCKET];

/** The parser for a file, by its name. */
const PARSERS: readonly (readonly [pattern: RegExp, tryParse: TryParse])[] = [
  [/^conntrack-E/, EVENT],
  [/expect/, EXPECTATION],
  [/big-endian/, BIG_ENDIAN_SOCKET],
  [/^(?:proc-net-)?(?:tcp|udp)/, SOCKET],
  [/^(?:nf_conntrack|ip_conntrack|conntrack-L|vendor-kernels|handwritten)/, ENTRY],
];

/** Typed by people: counters of one direction, which no kernel prints. */
const REFUSED_OF_HANDWRITTEN = [
  'packets at column 95: expected "packets=" of the reply direction, found nothing',
];

function linesOf(path: string): string[] {
  return readFileSync(new URL(path, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !isSocketHeader(line));
}

function filesOf(directory: string): string[] {
  return readdirSync(new URL(directory, FIXTURES)).filter((name) => name !== 'README.md');
}

function parserOf(name: string): TryParse {
  const found = PARSERS.find(([pattern]) => pattern.test(name));
  assert.ok(found, `no parser for ${name}`);
  return found[1];
}

for (const directory of ['published', 'linux-6.18']) {
  for (const name of filesOf(directory)) {
    const lines = linesOf(`${directory}/${name}`);

    test(`${directory}/${name}: no line crashes any parser`, () => {
      assert.ok(lines.length > 0);
      for (const line of lines) {
        for (const tryParse of ALL) assert.equal(brokenRule(line, tryParse(line)), undefined, line);
      }
    });

    if (/mangled|handwritten/.test(name)) continue;
    test(`${directory}/${name}: each line parses`, () => {
      const tryParse = parserOf(name);
      for (const line of lines) {
        const result = tryParse(line);
        assert.ok(result.ok, result.ok ? '' : `${result.error.message}: ${line}`);
      }
    });
  }
}

test('most of the handwritten lines parse', () => {
  const refused = linesOf('published/handwritten-fixtures.public.txt').flatMap((line) => {
    const result = line.includes('[') && EVENT(line).ok ? EVENT(line) : ENTRY(line);
    return result.ok ? [] : [result.error.message];
  });
  assert.deepEqual(refused, REFUSED_OF_HANDWRITTEN);
});
