/** The flags of `lsconntrack`. It is a Go program, so it takes them with one dash or two. */
const PORT_FLAGS = ['active-port', 'aport', 'passive-port', 'pport'];
const SWITCHES = ['active', 'passive', 'numeric', 'stdin', 'json', 'version', 'help'];
const LONG_FLAG = new RegExp(`^--?(${[...PORT_FLAGS, ...SWITCHES].join('|')})(=.*)?$`);
/** A switch with a value, as Go writes it. The second group captures the value if it is true. */
const SWITCH = new RegExp(
  `^(--?(?:a|p|n|${SWITCHES.join('|')}))=(?:(1|t|T|true|TRUE|True)|0|f|F|false|FALSE|False)$`,
);

/** Writes lsconntrack's `-aport 3306` as `--aport 3306`, and `-json=true` as `--json`. Arguments behind `--` stay as they are. */
export function withTwoDashes(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.flatMap((arg, index) => {
    if (end >= 0 && index >= end) return [arg];
    const assigned = SWITCH.exec(arg);
    if (assigned !== null && assigned[2] === undefined) return [];
    return [(assigned?.[1] ?? arg).replace(LONG_FLAG, '--$1$2')];
  });
}
