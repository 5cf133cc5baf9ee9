/** @file Numbers as the figures write them: a real minus sign, and as many digits as a reader compares. */

const signed = (text: string): string => text.replace('e+', 'e').replaceAll('-', '−');

/** So many digits after the point; what rounds to zero has no sign. */
export function fixed(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** So many digits in all, with a power of ten where the number is very small or very large; 0 is exact. */
export function digits(value: number, count = 4): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return signed(size < 1e-3 || size >= 1e5 ? value.toExponential(count - 1) : String(Number(value.toPrecision(count))));
}

/** A power of ten: 1e-5 as 10⁻⁵. */
export function powerOfTen(exponent: number): string {
  const raised = [...String(exponent)].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)]));
  return `10${raised.join('')}`;
}

/** The number that a text of these shows. */
export const numberOf = (text: string): number => Number(text.trim().replace('−', '-').replace('e−', 'e-'));
