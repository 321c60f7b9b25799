import { Command } from 'commander';
import { addPresentation, addSelection, addSources, append, remark } from './flags.js';
import type { Io } from './io.js';
import { VERSION } from './version.js';

/** A command with what all have in common: how it speaks, and the flags that choose, show and read host flows. */
export function newCommand(name: string, description: string, io: Io): Command {
  const command = new Command(name)
    .description(description)
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        for (const line of text.trimEnd().split('\n')) remark(io, line.replace(/^error: /, 'hostflow: '));
      },
      getOutHelpWidth: () => io.stdout.columns ?? 80,
    })
    .showHelpAfterError(`Run ${name} --help for the flags.`);
  addSources(addPresentation(addSelection(command)));
  // lsconntrack's short spellings: understood, and named beside the long ones above.
  return command
    .addOption(command.createOption('--aport <ports>').argParser(append).hideHelp())
    .addOption(command.createOption('--pport <ports>').argParser(append).hideHelp());
}
