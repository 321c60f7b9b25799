import { join } from 'node:path';
import { findCommand, mustRun } from './commands.js';
import { repositoryPath } from '../repository.js';
import { Unavailable } from './unavailable.js';

/** The C programs of `bench/native/`. */
export type NativeProgram = 'connections' | 'datagrams' | 'meter' | 'read-loop' | 'send-packets';

/** Compiles one of the C programs into a directory and returns its path. @throws Unavailable without a C compiler */
export function compile(program: NativeProgram, directory: string): string {
  const compiler = findCommand('cc');
  if (compiler === undefined) throw new Unavailable('cc is not installed');
  const path = join(directory, program);
  mustRun(compiler, ['-O2', '-o', path, repositoryPath(`bench/native/${program}.c`)]);
  return path;
}
