/** The library in a program that esbuild made one file of. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSync, type BuildOptions, type Format } from 'esbuild';
import type { Snapshot } from '../../src/index.js';
import { Consumer, MANIFEST, Project, ROOT, run, type Run } from './consumer.js';

const consumer = new Consumer(Object.keys(MANIFEST.dependencies));

const ENTRIES = 20_000;
const PEERS = 4;
const SNAPSHOT = `
  import { snapshot } from 'hostflow';
  snapshot({ proc: process.argv[2], source: 'procfs', local: ['192.0.2.1'] }).then((listing) => {
    console.log(JSON.stringify({ ...listing, time: undefined }, undefined, 1));
  });
`;

const CHOICE = `
  import { snapshot } from 'hostflow';
  snapshot({ source: 'sockets' }).then(({ choice }) => console.log(choice));
`;
const STREAM = `
  import { Readable } from 'node:stream';
  import { conntrackEntries } from 'hostflow/parsers';
  const LINE = 'udp 17 30 src=192.0.2.1 dst=198.51.100.1 sport=40000 dport=53 src=198.51.100.1 dst=192.0.2.1 sport=53 dport=40000';
  (async () => {
    for await (const { original } of conntrackEntries(Readable.from([LINE]))) {
      console.log(original.source, original.destination);
    }
  })();
`;

/** A saved /proc whose table is long enough for a thread of its own. */
const saved = new Project([]);
saved.write('proc/sys/net/netfilter/nf_conntrack_count', `${ENTRIES}\n`);
saved.write('proc/sys/net/netfilter/nf_conntrack_acct', '1\n');
saved.write(
  'proc/net/tcp',
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n',
);
saved.write(
  'proc/net/nf_conntrack',
  Array.from({ length: ENTRIES }, (_, index) => {
    const peer = `198.51.100.${1 + (index % PEERS)}`;
    const port = 10_000 + index;
    return (
      `ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=${peer} sport=${port} dport=443 packets=1 bytes=100` +
      ` src=${peer} dst=192.0.2.1 sport=443 dport=${port} packets=2 bytes=1000 [ASSURED] mark=0 zone=0 use=2\n`
    );
  }).join(''),
);
const proc = join(saved.directory, 'proc');

/** The code of a module that is loaded before the program and changes what threads are. */
function preload(code: string): string {
  return `
    const threads = require('node:worker_threads');
    ${code}
    require('node:module').syncBuiltinESMExports();
  `;
}

/** Changes to threads, each with the program's standard error after it. */
const THREADS: Readonly<Record<string, { code: string; stderr: RegExp }>> = {
  'that reads from the start on': {
    code: `
      const { once } = require('node:events');
      const timers = require('node:timers/promises');
      const { setImmediate } = timers;
      let isReady;
      let filled = 0;
      threads.Worker = class extends threads.Worker {
        constructor(...values) {
          super(...values);
          isReady = once(this, 'message');
          this.on('message', (reply) => (filled += reply.filled ?? 0));
        }
      };
      // The reading pauses before its first chunk, for the thread to come up.
      timers.setImmediate = async () => (await isReady, setImmediate());
      process.on('exit', () => console.error(filled + ' bytes'));
    `,
    stderr: /^[1-9][0-9]{6} bytes\n$/,
  },
  'that must not be started': {
    code: `threads.Worker = class { constructor() { console.error('asked'); throw new Error('no'); } };`,
    stderr: /^asked\n$/,
  },
  'that fails at its start': {
    code: `
      threads.Worker = class extends threads.Worker {
        constructor() { super('throw new Error("no")', { eval: true }); console.error('asked'); }
      };
    `,
    stderr: /^asked\n$/,
  },
};

/** A project that has nothing but its program. */
interface Bundle {
  project: Project;
  file: string;
}

function bundle(
  program: string,
  options: BuildOptions & { format: Format },
  packages: string[] = [],
): Bundle {
  const project = new Project(packages);
  const file = `program.${options.format === 'esm' ? 'mjs' : 'cjs'}`;
  consumer.write('program.mjs', program);
  const { warnings } = buildSync({
    absWorkingDir: consumer.directory,
    entryPoints: ['program.mjs'],
    outfile: join(project.directory, file),
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    ...options,
  });
  assert.deepEqual(warnings, []);
  return { project, file };
}

function runBundle({ project, file }: Bundle, flags: string[] = [], values: string[] = []): Run {
  return run(process.execPath, ['--no-warnings', ...flags, file, ...values], project.directory);
}

const unbundled = consumer.runModule('unbundled.mjs', SNAPSHOT, proc);

test('the library, not bundled, lists a long table', () => {
  assert.deepEqual([unbundled.status, unbundled.stderr], [0, '']);
  const { flows } = JSON.parse(unbundled.stdout) as Snapshot;
  assert.equal(flows.length, PEERS);
  for (const { connections, stat } of flows) {
    assert.equal(connections, ENTRIES / PEERS);
    assert.equal(stat?.total_outbound_bytes, (ENTRIES / PEERS) * 100);
    assert.equal(stat.total_inbound_bytes, (ENTRIES / PEERS) * 1000);
  }
});

for (const format of ['esm', 'cjs'] as const) {
  for (const minify of [false, true]) {
    const kind = `${format}${minify ? ', minified' : ''}`;

    test(`bundled (${kind}), it lists a long table`, () => {
      const { status, stdout, stderr } = runBundle(bundle(SNAPSHOT, { format, minify }), [], [proc]);
      assert.deepEqual([status, stdout, stderr], [0, unbundled.stdout, '']);
    });

    for (const [which, { code, stderr }] of Object.entries(THREADS)) {
      test(`bundled (${kind}), with a thread ${which}, it lists the same`, () => {
        const made = bundle(SNAPSHOT, { format, minify });
        made.project.write('threads.cjs', preload(code));
        const ran = runBundle(made, ['--require', './threads.cjs'], [proc]);
        assert.match(ran.stderr, stderr);
        assert.deepEqual([ran.status, ran.stdout], [0, unbundled.stdout]);
      });
    }
  }

  const skipNetlink = platform() !== 'linux' && 'netlink exists on Linux only';

  test(`bundled (${format}), it reports that koffi is not installed`, { skip: skipNetlink }, () => {
    const { stdout, stderr } = runBundle(bundle(CHOICE, { format }));
    assert.match(stdout, /the optional package koffi is not installed/);
    assert.equal(stderr, '');
  });

  test(`bundled (${format}), it finds the koffi that is installed beside it`, { skip: skipNetlink }, () => {
    const made = bundle(CHOICE, { format });
    made.project.write('node_modules/koffi/index.js', 'throw new Error("found beside the program")');
    const { stdout, stderr } = runBundle(made);
    assert.match(stdout, /the optional package koffi cannot be loaded: found beside the program/);
    assert.equal(stderr, '');
  });

  const skipKoffi =
    skipNetlink || (!existsSync(join(ROOT, 'node_modules/koffi')) && 'koffi is not installed');

  test(`bundled (${format}), it works with koffi`, { skip: skipKoffi }, () => {
    const { stdout, stderr } = runBundle(bundle(CHOICE, { format }, ['koffi']));
    assert.match(stdout, /^sockets by /);
    assert.doesNotMatch(stdout, /koffi/);
    assert.equal(stderr, '');
  });

  // esbuild makes no ES module that works of a CommonJS package that requires a module of Node.js, as split2 does.
  const external = format === 'esm' ? ['split2'] : [];

  test(`bundled (${format}), hostflow/parsers reads a stream`, () => {
    const { stdout, stderr } = runBundle(bundle(STREAM, { format, external }, external));
    assert.deepEqual([stdout, stderr], ['192.0.2.1 198.51.100.1\n', '']);
  });
}
