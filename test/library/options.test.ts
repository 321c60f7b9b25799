/** Options that do not fit are refused by name, with the expected and the found value, by both functions. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { account, HostflowError, snapshot, type AccountOptions } from 'hostflow';

const FUNCTIONS: Readonly<Record<'snapshot' | 'account', (options: unknown) => Promise<unknown>>> = {
  snapshot: (options) => snapshot(options as AccountOptions),
  account: (options) => account(options as AccountOptions).next(),
};

const cyclic: unknown[] = [];
cyclic.push(cyclic);
const hostile = {
  toString(): never {
    throw new Error('called');
  },
};

/** Values of every kind, each with its description in messages. */
const VALUES = {
  null: [[null, 'null']],
  boolean: [
    [true, 'true'],
    [false, 'false'],
  ],
  number: [
    [5, '5'],
    [NaN, 'NaN'],
  ],
  bigint: [[5n, 'a bigint']],
  text: [['x\u001b[31m\ny\u202e', '"x\\u{1b}[31m\\u{a}y\\u{202e}"']],
  symbol: [[Symbol('x'), 'a symbol']],
  function: [[() => 1, 'a function']],
  object: [
    [{}, 'an object'],
    [hostile, 'an object'],
    [Object.create(null), 'an object'],
    [new Date(), 'an object'],
  ],
  iterable: [[new Map(), 'an object']],
  buffer: [[Buffer.from('x'), 'a buffer']],
  'array of text': [[['x'], 'an array']],
  'array of numbers': [[[5], 'an array']],
  'array of others': [
    [[null], 'an array'],
    [['x', ['y']], 'an array'],
    [[hostile], 'an array'],
    [new Array<string>(2), 'an array'],
    [cyclic, 'an array'],
    [[...Array<string>(100_000).fill('10.0.0.0/8'), 5n], 'an array'],
  ],
} satisfies Record<string, (readonly [value: unknown, found: string])[]>;

type Kind = keyof typeof VALUES;

/** The kinds of values that an option takes, and values of these kinds that are wrong, with a part of the message. */
interface Expectation {
  takes: readonly Kind[];
  wrong?: readonly (readonly [value: unknown, found: string])[];
}

const CHOICE: Expectation = {
  takes: ['text'],
  wrong: [
    ['', 'found ""'],
    ['constructor', 'found "constructor"'],
  ],
};
const ADDRESSES: Expectation = {
  takes: ['array of text'],
  wrong: [
    [['10.0.0.0/33'], '"10.0.0.0/33"'],
    [['10.0.0.1,x\u001b[2J'], '"x\\u{1b}[2J"'],
    [[''], 'found ""'],
  ],
};
const PORTS: Expectation = {
  takes: ['array of text', 'array of numbers'],
  wrong: [
    [[65536], '"65536"'],
    [[1.5], '"1.5"'],
    [['9-8'], '"9-8"'],
    [['\u009b'], '"\\u{9b}"'],
  ],
};
const NUMBER: Expectation = {
  takes: ['number', 'text'],
  wrong: [
    [-1, 'found -1'],
    [NaN, 'found NaN'],
    [1.5, 'found 1.5'],
    ['1e3', 'found "1e3"'],
    ['', 'found ""'],
  ],
};
const TRUTH: Expectation = { takes: ['boolean'] };

const OPTIONS = {
  proc: { takes: ['text'], wrong: [['', 'found ""']] },
  pid: NUMBER,
  netns: { takes: ['text'], wrong: [['', 'found ""']] },
  input: { takes: ['text', 'iterable', 'array of text', 'array of numbers', 'array of others'] },
  inputName: { takes: ['text'] },
  local: ADDRESSES,
  source: CHOICE,
  directions: { takes: ['array of text'], wrong: [[['up\u0007'], '"up\\u{7}"']] },
  activePorts: PORTS,
  passivePorts: PORTS,
  protocols: { takes: ['array of text'], wrong: [[['t\u001bp'], '"t\\u{1b}p"']] },
  peers: ADDRESSES,
  zones: {
    takes: ['array of text', 'array of numbers'],
    wrong: [
      [[65536], '"65536"'],
      [['x'], '"x"'],
    ],
  },
  states: { takes: ['boolean', 'array of text'], wrong: [[['SYN_RCV'], '"SYN_RCV"']] },
  filter: CHOICE,
  by: CHOICE,
  sort: CHOICE,
  reverse: TRUTH,
  limit: NUMBER,
  names: TRUTH,
  strict: TRUTH,
  interval: {
    takes: ['number'],
    wrong: [
      [0, 'found 0'],
      [0.09, 'found 0.09'],
      [NaN, 'found NaN'],
      [Infinity, 'found Infinity'],
      [2_147_484, 'found 2147484'],
    ],
  },
  signal: { takes: [] },
} satisfies Record<keyof AccountOptions, Expectation>;

/** The error of a call with options that do not fit, which every such error agrees with. */
async function refusal(call: (options: unknown) => Promise<unknown>, options: unknown): Promise<string> {
  const error = await call(options).then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof HostflowError, String(error));
  assert.deepEqual([error.code, error.exitCode], ['usage', 2]);
  assert.doesNotMatch(error.message, /(?<![\w-])--?[a-z]/, 'it names no flag');
  assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.ok(error.message.length < 300, error.message);
  return error.message;
}

for (const [functionName, call] of Object.entries(FUNCTIONS)) {
  for (const [option, { takes, wrong = [] }] of Object.entries<Expectation>(OPTIONS)) {
    if (functionName === 'snapshot' && ['interval', 'signal'].includes(option)) continue;

    test(`${functionName}() refuses every value of another type for ${option}`, async () => {
      const others = Object.entries(VALUES).filter(([kind]) => !takes.includes(kind as Kind));
      const refused = others.flatMap(([, values]): (readonly [unknown, string])[] => values);
      for (const [value, found] of refused) {
        const message = await refusal(call, { [option]: value });
        assert.match(message, new RegExp(`^${option}: expected [^\\n]+, found `));
        assert.ok(message.includes(`, found ${found}`), `${message} | ${found}`);
      }
    });

    test(`${functionName}() refuses values of the right type that do not fit ${option}`, async () => {
      for (const [value, found] of wrong) {
        const message = await refusal(call, { [option]: value });
        assert.match(message, new RegExp(`^${option}: expected `));
        assert.ok(message.endsWith(found.startsWith('found') ? found : `found ${found}`), message);
      }
    });
  }

  test(`${functionName}() refuses an unknown option, and lists those that there are`, async () => {
    for (const [name, shown] of [
      ['peer', '"peer"'],
      ['constructor', '"constructor"'],
      ['__proto__x', '"__proto__x"'],
      ['a\u001b[31m\nb', '"a\\u{1b}[31m\\u{a}b"'],
    ] as const) {
      const message = await refusal(call, { [name]: 1 });
      assert.ok(message.startsWith(`there is no option ${shown}; expected one of proc, pid, `), message);
      assert.equal(message.includes('interval, signal'), functionName === 'account');
    }
  });

  test(`${functionName}() takes an object of options only`, async () => {
    for (const [value, found] of [
      [null, 'null'],
      [5, '5'],
      ['peers', '"peers"'],
      [[], 'an array'],
      [() => ({}), 'a function'],
    ] as const) {
      assert.equal(await refusal(call, value), `options: expected an object, found ${found}`);
    }
  });

  test(`${functionName}() checks inherited options as well`, async () => {
    const inherited: unknown = Object.create({ peers: '10.0.0.0/8' });
    const message = await refusal(call, inherited);
    assert.match(message, /^peers: expected an array of addresses and networks .*, found "10\.0\.0\.0\/8"$/);
    class Settings {
      get by(): string {
        return 'nothing';
      }
    }
    assert.match(
      await refusal(call, new Settings()),
      /^by: expected one of flow, peer, port, local, found "nothing"$/,
    );
  });

  test(`${functionName}() refuses options that contradict each other, and names both`, async () => {
    for (const [options, first, second] of [
      [{ proc: '/proc', source: 'netlink' }, 'source', 'proc'],
      [{ netns: 'a', pid: 1 }, 'netns', 'pid'],
      [{ netns: 'a', proc: '/proc' }, 'netns', 'proc'],
      [{ netns: 'a', input: 'x' }, 'netns', 'input'],
      [{ netns: 'a', source: 'procfs' }, 'netns', 'source'],
      [{ input: 'x', source: 'sockets' }, 'source', 'input'],
      [{ input: 'x', pid: 1 }, 'pid', 'input'],
      [{ directions: ['passive'], activePorts: [1] }, 'activePorts', 'active'],
      [{ directions: ['active'], passivePorts: [1] }, 'passivePorts', 'passive'],
    ] as const) {
      const message = await refusal(call, options);
      assert.match(message, new RegExp(`\\b${first}\\b.*\\b${second}\\b`));
    }
  });
}

test('account() refuses what is not a live host', async () => {
  for (const options of [{ proc: '/proc' }, { input: 'x' }]) {
    const message = await refusal(FUNCTIONS.account, options);
    assert.equal(message, 'bytes over time can be counted on a live host only; leave out proc, input');
  }
});

test('snapshot() refuses an input that gives anything but bytes', async () => {
  for (const [input, found] of [
    [['text'], '"text"'],
    [[Buffer.from('\n'), 5], '5'],
    [new Map([['a', 'b']]), 'an array'],
    [Readable.from(['text']), '"text"'],
    [Readable.from([Buffer.from('text')]).setEncoding('utf8'), '"text"'],
  ] as const) {
    assert.equal(
      await refusal(FUNCTIONS.snapshot, { input, local: ['192.0.2.1'] }),
      `input: expected bytes (Buffer or Uint8Array), found ${found}`,
    );
  }
});

test('options are read once, when the call begins', async () => {
  const peers = ['192.0.2.1'];
  const options = { input: [Buffer.from('')], local: ['192.0.2.1'], peers };
  const listing = snapshot(options);
  peers.push('nonsense');
  assert.deepEqual((await listing).flows, []);
});
