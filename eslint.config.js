import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { walls } from './lint/walls.js';

/**
 * The rooms of src/, top to bottom. A room may import from every line below its own, and from parsers/. It may not import from a room
 * on its own line. Pure rooms see less (`only`). `node` has the modules of Node.js that a room may load, `packages` those of npm.
 * `later` marks a reserved name. docs/architecture.md tells more.
 */
const HOUSE = [
  [{ room: 'cli', holds: 'the command: flags, streams, exit codes', node: 'any', packages: ['commander'] }],
  [
    { room: 'serve', later: true, holds: 'the daemon', node: 'any' },
    { room: 'web', later: true, holds: 'the page in the browser', only: ['model'] },
  ],
  [{ room: 'live', holds: 'the terminal view', node: ['readline', 'stream'] }],
  [
    {
      room: 'library',
      holds: 'options in, data out',
      node: ['os', 'perf_hooks', 'timers/promises'],
    },
  ],
  [
    { room: 'render', holds: 'pure: rows to text', only: ['model'], node: ['net'], packages: ['table'] },
    { room: 'export', later: true, holds: 'pure: intervals to metrics and IPFIX', only: ['model'] },
  ],
  [
    { room: 'store', later: true, holds: 'intervals to a database and back', only: ['model'], node: 'any' },
    { room: 'map', later: true, holds: 'pure: both ends of an edge joined', only: ['model'] },
  ],
  [
    {
      room: 'sources',
      holds: 'one file a source: open, dump, follow',
      // node:process tells look-cost.ts what looking costs.
      node: ['fs', 'os', 'perf_hooks', 'process', 'stream', 'timers/promises', 'worker_threads'],
    },
  ],
  [
    { room: 'owners', later: true, holds: 'who holds a socket', node: 'any' },
    {
      room: 'names',
      holds: 'what an address is called',
      only: ['model'],
      node: ['dns', 'events', 'fs/promises', 'net'],
    },
  ],
  [{ room: 'engine', holds: 'pure: direction, evidence, sums, accounting', only: ['model'] }],
  [
    {
      room: 'kernel',
      holds: 'how the kernel is asked: netlink and procfs',
      node: ['fs', 'os', 'path', 'timers/promises', 'util'],
      packages: ['koffi'],
    },
  ],
  // node:util strips the control characters of terminals.
  [{ room: 'model', holds: 'the types that all rooms speak', node: ['util'] }],
];

/** Pure rooms neither wait nor ask. */
const PURE = ['engine', 'export', 'map', 'model', 'render'];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number in a template literal prints as anyone expects.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Fields are left out of an object by naming them beside the rest.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports: one name for one thing.' },
      ],
      // Terminal escapes are what the sanitising code looks for.
      'no-control-regex': 'off',
    },
  },
  ...walls(HOUSE, import.meta.dirname),
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/main.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Only src/cli/main.ts touches process.' },
      ],
    },
  },
  {
    files: PURE.map((room) => `src/${room}/**/*.ts`),
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'console'].map(
          (name) => ({ name, message: 'This room is pure: let its caller hand in what it needs.' }),
        ),
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'fuzz/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'before', 'after'] },
          ],
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          name: 'node:test',
          importNames: ['default', 'describe', 'it', 'suite'],
          message: 'Tests are flat: test(...), with the group in the title.',
        },
      ],
      'max-lines-per-function': 'off',
    },
  },
);
