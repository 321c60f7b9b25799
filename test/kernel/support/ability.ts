import { run } from './commands.js';

/** The commands that the tests need, with the Debian package that has each and a call that does nothing. */
const COMMANDS: readonly (readonly [name: string, harmlessFlag: string, debianPackage: string])[] = [
  ['ip', '-V', 'iproute2'],
  ['nft', '--version', 'nftables'],
  ['conntrack', '--version', 'conntrack'],
  ['ping', '-V', 'iputils-ping'],
  ['setpriv', '--version', 'util-linux'],
];

/** Undefined if this machine can run the kernel tests. Otherwise one sentence that names the lack. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return `The kernel tests need Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'The kernel tests need root, to make network namespaces.';
  for (const [name, flag, debianPackage] of COMMANDS) {
    if (run(name, [flag]).status !== 0) {
      return `The kernel tests need the command ${name} (Debian package ${debianPackage}).`;
    }
  }
  return whatTheKernelLacks();
}

function whatTheKernelLacks(): string | undefined {
  const name = `hf${process.pid}-probe`;
  const made = run('ip', ['netns', 'add', name]);
  if (made.status !== 0) return `No network namespace can be made here: ${made.stderr.trim()}.`;
  try {
    const rules = 'add table inet t\nadd chain inet t c { type filter hook input priority 0; }\n';
    const tracking = run(
      'ip',
      ['netns', 'exec', name, 'nft', '-f', '-'],
      `${rules}add rule inet t c ct state new\n`,
    );
    if (tracking.status !== 0) return `nft cannot track connections here: ${tracking.stderr.trim()}.`;
    const table = run('ip', ['netns', 'exec', name, 'cat', '/proc/net/nf_conntrack']);
    if (table.status !== 0) return 'This kernel has no /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS).';
    return undefined;
  } finally {
    run('ip', ['netns', 'del', name]);
  }
}
