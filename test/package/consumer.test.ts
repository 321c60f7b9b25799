/** The package as others use it: installed from its tarball, from JavaScript and TypeScript. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Consumer, MANIFEST, MODULES, ROOT, run } from './consumer.js';

const dependencies = Object.keys(MANIFEST.dependencies);
const peers = Object.keys(MANIFEST.peerDependencies ?? {});
/** The modules that need an optional peer, and which. */
const NEEDS: Readonly<Record<string, string>> = { 'hostflow/parsers/arbitraries': 'fast-check' };

const LINE =
  'udp      17 30 src=192.0.2.1 dst=192.0.2.53 sport=40000 dport=53 packets=1 bytes=64 [UNREPLIED] src=192.0.2.53 dst=192.0.2.1 sport=53 dport=40000 packets=0 bytes=0 use=1';

const project = new Consumer([...dependencies, ...peers, '@types/node']);

for (const module of MODULES) {
  test(`a project with the package and all of its peers: imports ${module} as an ES module`, () => {
    const { stdout, stderr } = project.runModule(
      'all.mjs',
      `console.log(Object.keys(await import('${module}')).length > 0);`,
    );
    assert.deepEqual([stdout, stderr], ['true\n', '']);
  });

  test(`a project with the package and all of its peers: imports ${module} from CommonJS`, () => {
    const { stdout, stderr } = project.runModule(
      'all.cjs',
      `import('${module}').then((module) => console.log(Object.keys(module).length > 0));`,
    );
    assert.deepEqual([stdout, stderr], ['true\n', '']);
  });

  const canRequire = project.runModule('can.cjs', 'console.log(process.features.require_module === true)');
  test(
    `a project with the package and all of its peers: requires ${module}`,
    { skip: canRequire.stdout !== 'true\n' && 'not in this Node.js' },
    () => {
      const { stdout, stderr } = project.runModule(
        'require.cjs',
        `console.log(Object.keys(require('${module}')).length > 0);`,
      );
      assert.deepEqual([stdout, stderr], ['true\n', '']);
    },
  );
}

test('a project with the package and all of its peers: parses a line', () => {
  const parse = `console.log(parseConntrackLine('${LINE}').original.destinationPort);`;
  const imported = project.runModule(
    'parse.mjs',
    `import { parseConntrackLine } from 'hostflow/parsers';\n${parse}`,
  );
  assert.deepEqual([imported.stdout, imported.stderr], ['53\n', '']);
  const dynamic = project.runModule(
    'parse.cjs',
    `import('hostflow/parsers').then(({ parseConntrackLine }) => { ${parse} });`,
  );
  assert.deepEqual([dynamic.stdout, dynamic.stderr], ['53\n', '']);
});

test('a project with the package and all of its peers: has the command', () => {
  for (const [name, path] of Object.entries(MANIFEST.bin)) {
    // As npm installs it: a link that is run.
    symlinkSync(join(project.package, path), join(project.directory, name));
    const { stdout, stderr } = run(join(project.directory, name), ['--version'], project.directory);
    assert.deepEqual([stdout.trim(), stderr], [MANIFEST.version, '']);
  }
});

for (const [moduleResolution, module] of [
  ['node16', 'node16'],
  ['bundler', 'esnext'],
]) {
  test(`a project with the package and all of its peers: compiles with moduleResolution ${moduleResolution}, the package's own types checked`, () => {
    const imports = MODULES.map((name, index) => `export * as module${index} from '${name}';\n`);
    project.write('package.json', '{ "type": "module" }');
    project.write('modules.ts', imports.join(''));
    project.write('types.ts', TYPES);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      module,
      moduleResolution,
    };
    const files = ['modules.ts', 'types.ts'];
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = run(process.execPath, [tsc], project.directory);
    assert.deepEqual([stdout, status], ['', 0]);
  });
}

for (const [kind, lib, types] of [
  ['and the types of Node.js', ['es2023'], ['node']],
  ['and the types of browsers', ['es2023', 'dom'], []],
] as const) {
  test(`a project with lib es2023 ${kind}: compiles what uses the library, the package's own types checked`, () => {
    project.write('package.json', '{ "type": "module" }');
    project.write('library.ts', LIBRARY_TYPES);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      module: 'node16',
      lib,
      types,
    };
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['library.ts'] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = run(process.execPath, [tsc], project.directory);
    assert.deepEqual([stdout, status], ['', 0]);
  });
}

const bare = new Consumer(dependencies);

for (const module of MODULES) {
  const needed = NEEDS[module];
  test(
    needed === undefined
      ? `a project without the optional peers: imports ${module}`
      : `a project without the optional peers: is told that ${module} needs ${needed}`,
    () => {
      const { status, stderr } = bare.runModule('one.mjs', `import '${module}';`);
      if (needed === undefined) assert.deepEqual([status, stderr], [0, '']);
      else
        assert.match(
          stderr,
          new RegExp(`Cannot find package '([^']*/)?${needed}\\b[^]*ERR_MODULE_NOT_FOUND`),
        );
    },
  );
}

const TYPES = `
import { Readable } from 'node:stream';
import {
  conntrackEntries,
  formatConntrackEntry,
  parseConntrackLine,
  parseSocketLine,
  tryParseConntrackLine,
  type ConntrackEntry,
  type Counter,
  type LineStreamOptions,
  type ParseErrorCode,
} from 'hostflow/parsers';

const entry: ConntrackEntry = parseConntrackLine('');
switch (entry.protocol) {
  case 'tcp': {
    const state: string | undefined = entry.state;
    const port: number = entry.original.sourcePort;
    void [state, port];
    break;
  }
  case 'udp': {
    // @ts-expect-error A UDP entry has no state.
    void entry.state;
    // @ts-expect-error Nor has its tuple a type.
    void entry.original.type;
    break;
  }
  case 'icmp':
  case 'icmpv6': {
    const numbers: number[] = [entry.original.type, entry.original.code, entry.reply.id];
    // @ts-expect-error An ICMP tuple has no ports.
    void entry.original.sourcePort;
    void numbers;
    break;
  }
  case 'unknown': {
    // @ts-expect-error Of a protocol without a name only the addresses are known.
    void entry.original.destinationPort;
    break;
  }
}
const bytes: Counter | undefined = entry.originalCounters?.bytes;

const result = tryParseConntrackLine('');
if (result.ok) formatConntrackEntry(result.value);
else {
  const code: ParseErrorCode = result.error.code;
  void code;
}
// @ts-expect-error A result is looked at before it is used.
void result.value;

const socket = parseSocketLine('', { byteOrder: 'big' });
if (socket.kind === 'datagram') {
  const drops: number = socket.drops;
  void drops;
} else {
  // @ts-expect-error Only datagram sockets count drops.
  void socket.drops;
}

// @ts-expect-error An option is left out, not undefined.
const options: LineStreamOptions = { signal: undefined };
for await (const each of conntrackEntries(Readable.from([]), options)) void each.family;
void bytes;
`;

const LIBRARY_TYPES = `
import {
  account,
  HostflowError,
  snapshot,
  type AccountedFlow,
  type AccountIntervals,
  type Counter,
  type HostFlow,
  type HostflowErrorCode,
  type Warning,
} from 'hostflow';

const { flows, seconds }: { flows: HostFlow[]; seconds: 0 } = await snapshot({ peers: ['10.0.0.0/8'] });
// @ts-expect-error A flow of a snapshot has no delta.
void flows[0]?.delta;
// @ts-expect-error Peers are an array.
await snapshot({ peers: '10.0.0.0/8' });
await using intervals: AccountIntervals = account({ interval: 2, signal: new AbortController().signal });
for await (const interval of intervals) {
  const changed: AccountedFlow[] = interval.flows;
  const same: HostFlow[] = changed;
  const bytes: Counter | undefined = changed[0]?.delta?.inbound.bytes;
  const warnings: Warning[] = interval.warnings;
  void [same, bytes, warnings, seconds];
}
await intervals.return();
const code: HostflowErrorCode = new HostflowError('usage', '').code;
void code;
`;
