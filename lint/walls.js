import { dirname, relative, resolve, sep } from 'node:path';

/**
 * A room, its table entry in eslint.config.js.
 *
 * @typedef {object} Room
 * @property {string} room its folder in src/
 * @property {string} holds what it is for, in a few words
 * @property {true} [later] if its name is reserved
 * @property {readonly string[]} [only] the rooms below that it may import, if not all
 * @property {'any' | readonly string[]} [node] the modules of Node.js that it may load; none by default
 * @property {readonly string[]} [packages] the packages that it may load; none by default
 */

const PARSERS = {
  room: 'parsers',
  folder: 'parsers',
  holds: 'text to records and back, published on its own',
  allowed: [],
  node: ['stream'],
  packages: ['split2'],
};
const ARBITRARIES = {
  room: 'parsers/arbitraries',
  folder: 'parsers/arbitraries',
  holds: 'records and lines for property tests',
  allowed: ['parsers'],
  node: [],
  packages: ['fast-check'],
};

/**
 * ESLint's configuration for a house: one rule a room, `walls/<room>`, and one for the face `src/index.ts`.
 *
 * @param {readonly (readonly Room[])[]} floors the rooms, top to bottom; those of one floor may not import each other
 * @param {string} root the folder that has src/
 */
export function walls(floors, root) {
  const rooms = floors.flatMap((floor, level) =>
    floor.map(({ only, ...room }) => ({
      folder: `src/${room.room}`,
      node: [],
      packages: [],
      ...room,
      allowed: [
        ...(only ??
          floors
            .slice(level + 1)
            .flat()
            .map((below) => below.room)),
        'parsers',
      ],
    })),
  );
  const library = rooms.find(({ room }) => room === 'library');
  const face = {
    room: 'index.ts',
    holds: "the library's face: it re-exports",
    allowed: ['library', ...(library?.allowed ?? [])],
    // HostflowError is a class, which callers match; all else from below the library is a type.
    values: ['library', 'model'],
    node: [],
    packages: [],
  };
  const all = [...rooms, PARSERS, ARBITRARIES];
  const names = all.map(({ room }) => room);
  const rule = (room) => ruleOf(room, rooms, names, root);
  const unknown = { create: (context) => ({ Program: (node) => reportUnknown(context, node, names, root) }) };
  const plugin = {
    rules: {
      ...Object.fromEntries([...all, face].map((room) => [room.room, rule(room)])),
      rooms: unknown,
    },
  };
  return [
    { files: ['src/**/*.ts'], plugins: { walls: plugin }, rules: { 'walls/rooms': 'error' } },
    { files: ['src/*.ts'], plugins: { walls: plugin }, rules: { 'walls/index.ts': 'error' } },
    ...all.map(({ room, folder }) => ({
      files: [`${folder}/**/*.ts`],
      ignores: room === 'parsers' ? ['parsers/arbitraries/**'] : [],
      plugins: { walls: plugin },
      rules: { [`walls/${room}`]: 'error' },
    })),
  ];
}

/** The rule of one room: every way to name a module in TypeScript is looked at, `import()` and types included. */
function ruleOf(room, rooms, names, root) {
  return {
    create(context) {
      const check = (node, source, isType) => {
        if (typeof source?.value !== 'string') return;
        const reason = reasonAgainst(room, source.value, isType, context.filename, { rooms, names, root });
        if (reason !== undefined) context.report({ node, message: reason });
      };
      const statement = (node) => check(node, node.source, isTypeOnly(node));
      return {
        ImportDeclaration: statement,
        ExportNamedDeclaration: statement,
        ExportAllDeclaration: statement,
        ImportExpression: (node) => check(node, node.source, false),
        TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
      };
    },
  };
}

function isTypeOnly({ importKind, exportKind, specifiers = [] }) {
  const kinds = specifiers.map((each) => each.importKind ?? each.exportKind);
  const areTypes = kinds.length > 0 && kinds.every((kind) => kind === 'type');
  return importKind === 'type' || exportKind === 'type' || areTypes;
}

/** Why a room may not import a module; undefined if it may. */
function reasonAgainst(room, source, isType, filename, house) {
  if (source.startsWith('node:')) {
    if (room.node === 'any' || room.node.includes(source.slice('node:'.length))) return undefined;
    const list = room.node.length === 0 ? 'no module' : `only ${room.node.join(', ')}`;
    return `${titleOf(room)}; of Node.js it loads ${list}, not ${source}. Open, wait and ask in kernel/, sources/ or cli/.`;
  }
  if (!source.startsWith('.')) {
    if (room.packages.includes(source)) return undefined;
    const owner = [...house.rooms, PARSERS, ARBITRARIES].find(({ packages }) => packages.includes(source));
    const remedy = owner === undefined ? 'it is in no room of the table' : `it is for ${owner.room}/`;
    return `${titleOf(room)}; it does not load the package ${source}: ${remedy}.`;
  }
  const path = relative(house.root, resolve(dirname(filename), source))
    .split(sep)
    .join('/');
  const target = roomOf(path, house.names);
  if (target === room.room) return undefined;
  if (room.allowed.includes(target) && (isType || (room.values ?? room.allowed).includes(target))) {
    return undefined;
  }
  return `${titleOf(room)}; it may not import ${path.replace(/\.js$/, '.ts')}. ${remedyFor(room, target, house)}`;
}

function titleOf({ room, holds }) {
  return `${room}${room.endsWith('.ts') ? '' : '/'} is ${holds}`;
}

/** The room of a path, or its first folder. */
function roomOf(path, names) {
  const [first, second] = path.split('/');
  if (path.startsWith('parsers/arbitraries/')) return 'parsers/arbitraries';
  return first === 'src' ? (names.includes(second) ? second : 'index.ts') : first;
}

/** Where code goes instead: the lowest room that sees both, or the highest that both see. */
function remedyFor(room, target, { rooms, names }) {
  if (target === 'index.ts') return 'Import from the file that declares it.';
  if (!names.includes(target)) return `${target}/ is for development: move what is needed into src/.`;
  if (room.room.startsWith('parsers')) return 'It stands alone: move what it needs into parsers/.';
  if (room.values !== undefined) {
    return room.allowed.includes(target)
      ? 'Only types come from there: re-export a function of library/.'
      : 'It shows library/ and rooms below: move what it needs there.';
  }
  const reach = (each) => [each.room, ...each.allowed];
  const other = rooms.find((each) => each.room === target) ?? { room: target, allowed: [] };
  const seesBoth = rooms.filter(
    (each) => !each.later && [room.room, target].every((name) => reach(each).includes(name)),
  );
  const shared = rooms.find((each) => [room, other].every((one) => reach(one).includes(each.room)));
  const above = seesBoth.at(-1)?.room ?? 'cli';
  return `Put code that needs both into ${above}/, or the part that both need into ${shared?.room ?? 'parsers'}/.`;
}

function reportUnknown(context, node, names, root) {
  const path = relative(root, context.filename).split(sep).join('/');
  const [, room] = path.split('/');
  if (path === 'src/index.ts' || names.includes(room)) return;
  context.report({
    node,
    message: `${path} is in no room of the house: move it into one, or add the room in eslint.config.js.`,
  });
}
