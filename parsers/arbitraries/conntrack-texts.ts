import fc from 'fast-check';

const WORD_CHARACTERS = Array.from('abcxyz0189_:./()-,é→𐍈');

/** A word without blanks, brackets and `=`; some of its characters take two to four bytes. */
export function word(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...WORD_CHARACTERS), minLength: 1, maxLength: 8 });
}

/** A security context: one of SELinux, one of AppArmor with a blank, or words. */
export function securityContext(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('null', 'system_u:object_r:unlabeled_t:s0:c0.c1023,c5', '/usr/bin/x (enforce)'),
    fc.array(word(), { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
  );
}

/**
 * A list of label names, which may contain blanks and any other characters but commas. It is empty if bits are set but
 * none has a name.
 */
export function labels(): fc.Arbitrary<string[]> {
  const name = fc.array(word(), { minLength: 1, maxLength: 3 });
  return fc.array(
    name.map((words) => words.join(' ').replaceAll(',', '.')),
    { maxLength: 3 },
  );
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time as C's `ctime` prints it: `Thu Feb 17 17:41:18 2011`, with a blank before days of one digit. */
export function ctime(): fc.Arbitrary<string> {
  return fc.nat(0xffffffff).map((seconds) => {
    const date = new Date(seconds * 1000);
    const day = String(date.getUTCDate()).padStart(2);
    const time = date.toISOString().slice(11, 19);
    return `${DAYS[date.getUTCDay()] ?? ''} ${MONTHS[date.getUTCMonth()] ?? ''} ${day} ${time} ${date.getUTCFullYear()}`;
  });
}

/** A state: one that kernels have, or any name that one may have in the future. */
export function stateName(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('ESTABLISHED', 'SYN_SENT2', 'TIME_WAIT', 'HEARTBEAT_ACKED', 'NONE', 'PARTOPEN'),
    fc.stringMatching(/^[A-Z][A-Z0-9_]{0,9}$/),
  );
}

const KNOWN_FLAGS: readonly string[] = [
  '[UNREPLIED]',
  '[ASSURED]',
  '[OFFLOAD]',
  '[HW_OFFLOAD]',
  '[UNCONFIRMED]',
  '[NEW]',
  '[UPDATE]',
  '[DESTROY]',
  '[USERSPACE]',
];

/** True if an unknown field is a bare word. After a security context it would become part of that. */
export function isBareWord(field: string): boolean {
  return !field.startsWith('[') && !field.includes('=');
}

/**
 * A field that a future or a vendor's kernel might print: `newkey=5`, `novalue=`, `[NEWFLAG]`, `[FLAG o33/r37]`,
 * `word`.
 */
export function unknownField(): fc.Arbitrary<string> {
  const key = fc.oneof(
    fc.constantFrom('l7proto', 'iqprio', 'nmark', 'mac', 'attrs'),
    fc.stringMatching(/^new[a-z0-9_-]{0,6}$/),
  );
  const value = fc.oneof(
    fc.constantFrom('', '0', '18446744073709551616', 'a=b', '[x]'),
    word(),
    fc.string({ minLength: 1, maxLength: 6 }).map((text) => text.replaceAll(/\s/g, '_')),
  );
  const flag = fc.stringMatching(/^\[[A-Z][A-Z0-9_]{0,7}( [a-z0-9/]{1,5})?\]$/);
  return fc.oneof(
    fc.tuple(key, value).map(([name, text]) => `${name}=${text}`),
    flag.filter((text) => !KNOWN_FLAGS.includes(text)),
    fc.constantFrom('slan', 'swan', 'nomac', 'no_if'),
  );
}
