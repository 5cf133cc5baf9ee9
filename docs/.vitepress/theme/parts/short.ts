/** @file Numbers as the lab and the trainer show them. */

/** What is smaller is rounding of what should be 0. */
const ROUNDING = 1e-12;

/** A number as it is shown: three digits after the point, powers of ten where those say nothing. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size < ROUNDING) return '0';
  const text = size !== 0 && (size < 5e-4 || size >= 1e4) ? value.toExponential(1) : String(Number(value.toFixed(3)));
  return text.replace('+', '').replaceAll('-', '−');
}
