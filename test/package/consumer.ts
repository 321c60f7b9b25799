import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** The root of the repository, seen from the compiled test. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));

/** The fields of package.json that the tests use. */
export interface Manifest {
  name: string;
  version: string;
  bin: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  dependencies: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The package's own package.json. */
export const MANIFEST: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The subpaths that hold code, as an importer spells them: `hostflow/parsers`. */
export const MODULES: readonly string[] = Object.keys(MANIFEST.exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => `hostflow${subpath.slice(1)}`);

/** The exit code and the output of a program. */
export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], cwd: string): Run {
  // The test runner's own variables would make a program under test report to it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8' });
}

function runOrThrow(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${status}\n${stdout}${stderr}`);
}

let tarball: string | undefined;

/** The tarball that would be published, made from `dist/` as it is: no script runs, so nothing is built under running tests. */
function pack(): string {
  if (tarball !== undefined) return tarball;
  const directory = temporaryDirectory();
  runOrThrow('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], ROOT);
  const [name = ''] = readdirSync(directory);
  return (tarball = join(directory, name));
}

/** All packages that the package can use. */
const USED_PACKAGES: readonly string[] = Object.keys({
  ...MANIFEST.dependencies,
  ...MANIFEST.peerDependencies,
  ...MANIFEST.optionalDependencies,
});

/** A project with a package.json of its own, which has the packages named, from this checkout. */
export class Project {
  readonly directory: string = temporaryDirectory();

  constructor(packages: readonly string[]) {
    this.write('package.json', '{ "private": true }\n');
    for (const name of packages) {
      const link = this.pathOf(name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), link);
    }
    // An empty folder is a package that cannot be imported. Without it the search would go on in the folders above.
    for (const name of USED_PACKAGES) mkdirSync(this.pathOf(name), { recursive: true });
  }

  /** The path of a package. */
  pathOf(name: string): string {
    return join(this.directory, 'node_modules', name);
  }

  /** Adds a file to the project. */
  write(path: string, text: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs a module. The extension of `name` decides its kind. */
  runModule(name: string, text: string, ...values: string[]): Run {
    this.write(name, text);
    return run(process.execPath, ['--no-warnings', name, ...values], this.directory);
  }
}

/** A project that also has the package, from its tarball. */
export class Consumer extends Project {
  /** The path of hostflow itself. */
  readonly package: string = this.pathOf(MANIFEST.name);

  constructor(packages: readonly string[]) {
    super(packages);
    mkdirSync(this.package);
    runOrThrow('tar', ['-xzf', pack(), '--strip-components=1', '-C', this.package], ROOT);
  }
}
