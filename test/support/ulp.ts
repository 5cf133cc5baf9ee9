/** @file Errors of float32 results in units in the last place. */

/** The distance between float32 numbers around a value. */
export function ulpOf(value: number): number {
  const size = Math.abs(Math.fround(value));
  return 2 ** (Math.max(Math.floor(Math.log2(size)), -126) - 23);
}

/** How far a result is from the right number, in units in the last place; infinite where they differ in kind. */
export function ulpError(actual: number, right: number): number {
  const rounded = Math.fround(right);
  if (!Number.isFinite(actual) || !Number.isFinite(rounded)) {
    return Object.is(actual, rounded) ? 0 : Number.POSITIVE_INFINITY;
  }
  return Math.abs(actual - right) / ulpOf(right);
}
