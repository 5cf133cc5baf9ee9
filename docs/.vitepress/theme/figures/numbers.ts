/** @file Numbers as the figures write them: a real minus sign, and as many digits as a reader compares. */

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const MOST_DIGITS = 15;

const signed = (text: string): string => text.replace('-', '−');

/** So many digits after the point; what rounds to zero has no sign. */
export function fixed(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** A power of ten: 1e-5 as 10⁻⁵. */
export function powerOfTen(exponent: number): string {
  const raised = [...String(exponent)].map((sign) => (sign === '-' ? '⁻' : RAISED[Number(sign)]));
  return `10${raised.join('')}`;
}

/** So many digits in all, as a column wants them, with a power of ten where the number is very small or very large; 0 is exact. */
export function significant(value: number, count = 4): string {
  if (value === 0) return '0';
  const [mantissa, exponent] = value.toExponential(count - 1).split('e') as [string, string];
  const power = Number(exponent);
  if (power < -3 || power >= 5) return `${signed(mantissa)}×${powerOfTen(power)}`;
  return signed(Number(value.toPrecision(count)).toFixed(Math.max(count - 1 - power, 0)));
}

/** The same without zeros at the end, as a text wants it. */
export const digits = (value: number, count = 4): string =>
  significant(value, count).replace(/\.(\d*?)0*(?=×|$)/, (_, kept: string) => kept && `.${kept}`);

/** How many digits, from `least` on, something takes to hold; 15 where it never does. */
export function enough(least: number, holds: (count: number) => boolean): number {
  let count = least;
  while (count < MOST_DIGITS && !holds(count)) count++;
  return count;
}

/** The number that a text of these shows. */
export const numberOf = (text: string): number =>
  Number(
    text
      .trim()
      .replace('−', '-')
      .replace('×10', 'e')
      .replace('⁻', '-')
      .replace(/[⁰¹²³⁴-⁹]/g, (sign) => String(RAISED.indexOf(sign))),
  );
