import type { Counter } from '../../parsers/counter.js';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/**
 * Prints a number of bytes for people, with three or four digits: `999 B`, `1.05 GiB`, `16.0 EiB`, `212.4 MiB`, `1001 KiB`.
 *
 * The rounded number decides the decimals and the unit. So `10.0 KiB` never prints as `10.00 KiB`, nor `1.00 MiB` as `1024 KiB`.
 */
export function humanSize(bytes: Counter): string {
  if (bytes < 1024) return `${bytes} B`;
  // Close to a power of two the logarithm may round up to the next unit. Both units print `1.00` there.
  const smallest = Math.floor(Math.log2(Number(bytes)) / 10);
  for (let index = smallest; index <= UNITS.length; index += 1) {
    const unit = UNITS[index - 1] ?? '';
    const power = index * 10;
    const hundredths = quotient(bytes, power, 2);
    if (Number(hundredths) < 10) return `${hundredths} ${unit}`;
    const tenths = quotient(bytes, power, 1);
    if (Number(tenths) < 1000) return `${tenths} ${unit}`;
    const whole = quotient(bytes, power, 0);
    if (Number(whole) < 1024) return `${whole} ${unit}`;
  }
  return `${quotient(bytes, 80, 0)} YiB`;
}

/** Prints `value / 2^power` with `decimals` digits after the point. Halves are rounded up. */
function quotient(value: Counter, power: number, decimals: number): string {
  // Division of a double by a power of two is exact, and `toFixed` rounds the exact value of the double.
  if (typeof value === 'number') return (value / 2 ** power).toFixed(decimals);
  const unit = 1n << BigInt(power);
  const digits = String((value * 10n ** BigInt(decimals) * 2n + unit) / (unit * 2n)).padStart(
    decimals + 1,
    '0',
  );
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
