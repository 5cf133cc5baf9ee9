/** @file Numbers as a reader sees them. */

/** A few significant digits, with a minus sign. */
export function digits(value: number | null | undefined, count = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return String(Number(value.toPrecision(count))).replace('-', '−');
}

/** A share in percent. */
export const percent = (value: number): string => `${(100 * value).toFixed(2)}\u00a0%`;

/** Mean and standard deviation (that of a sample, dividing by n - 1) of what is known. */
export function spread(values: readonly (number | null)[]): { mean: number; deviation: number; count: number } {
  const known = values.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : 0, count: known.length };
}

/** The bytes of a base64 text. */
export function bytesIn(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Each value's mean with its `reach` neighbours on either side, fewer at the ends; gaps stay gaps. */
export function smooth(values: readonly (number | null)[], reach: number): (number | null)[] {
  return values.map((value, at) => {
    if (value === null) return null;
    // At the start, where curves are steep, as many on the right as on the left: else it would begin too low.
    const own = Math.min(reach, at);
    const known = values.slice(at - own, at + own + 1).filter((other) => other !== null);
    return known.reduce((sum, other) => sum + other, 0) / known.length;
  });
}
