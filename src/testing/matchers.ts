/**
 * @file Comparing tensors in tests.
 */

import { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkRange, describe, readOptions } from '../checks.js';
import type { TypedArray } from '../dtype.js';
import { ArgumentError } from '../errors.js';
import type { NestedArray } from '../format.js';

/** What a tensor can be compared with. */
export type Comparable = Tensor | NestedArray | TypedArray;

/** Lists are nested no deeper than this, unless they hold themselves. */
const DEEPEST = 64;

function elementsOf(op: string, x: Comparable): number[] {
  if (Tensor.isTensor(x)) return [...x.dataSync()];
  if (typeof x === 'number') return [x];
  if (isHeld(x)) return Array.from({ length: x.length }, (_, i) => x[i]!);
  if (Array.isArray(x)) return [...x].flatMap((item) => numbersOf(op, item, 1));
  throw new ArgumentError(op, `compares tensors, lists of numbers and their typed arrays, got ${describe(x)}`);
}

/**
 * The largest |x - y| / max(1, |x|, |y|) over two lists of elements, and where it is; with `'largest'` the divisor is
 * max(1, the largest |y|). Infinite where the numbers of elements differ or only one of two elements is NaN.
 */
export function furthest(
  actual: Comparable,
  expected: Comparable,
  scale: 'element' | 'largest' = 'element',
): { error: number; at: number } {
  checkChoice('furthest', 'scale', scale, ['element', 'largest']);
  const [x, y] = [elementsOf('furthest', actual), elementsOf('furthest', expected)];
  if (x.length !== y.length) return { error: Number.POSITIVE_INFINITY, at: Math.min(x.length, y.length) };
  const largest = y.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 1);
  let [error, at] = [0, -1];
  x.forEach((value, i) => {
    const wanted = y[i]!;
    if (Object.is(value, wanted) || value === wanted) return;
    const by = scale === 'largest' ? largest : Math.max(1, Math.abs(value), Math.abs(wanted));
    const apart = Math.abs(value - wanted) / by;
    // NaN and infinity beside a number are infinitely far.
    const off = Number.isFinite(apart) ? apart : Number.POSITIVE_INFINITY;
    if (off > error) [error, at] = [off, i];
  });
  return { error, at };
}

const isHeld = (x: unknown): x is TypedArray =>
  x instanceof Float32Array || x instanceof Float64Array || x instanceof Int32Array;

/** The numbers in nested lists. */
function numbersOf(op: string, x: unknown, depth: number): number[] {
  if (typeof x === 'number') return [x];
  if (Array.isArray(x) && depth < DEEPEST) return [...x].flatMap((item) => numbersOf(op, item, depth + 1));
  throw new ArgumentError(op, `lists to compare must hold numbers and lists alone, got ${describe(x)}`);
}

/** Options of {@link toBeAllclose}. */
export interface AllcloseOptions {
  /** Relative to the expected element. Default 1e-5. */
  readonly rtol?: number;
  /** On top, absolute. Default 1e-8. */
  readonly atol?: number;
}

/** What a matcher says. */
export interface MatcherResult {
  /** Whether the elements are close. */
  readonly pass: boolean;
  /** What to say when that is not what was expected. */
  readonly message: () => string;
}

/**
 * A matcher for Vitest and Jest: every |x - y| is at most atol + rtol |y|, as in NumPy's `allclose`; NaN equals NaN.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { toBeAllclose } from 'contragrad/testing';
 *
 * // expect.extend({ toBeAllclose });
 * // expect(tensor([1, 2])).toBeAllclose([1, 2.00001]);
 * const { pass } = toBeAllclose(tensor([1, 2]), [1, 2.00001]);
 * console.log(pass); // true
 * ```
 */
export function toBeAllclose(received: Comparable, expected: Comparable, options?: AllcloseOptions): MatcherResult {
  const { rtol, atol } = readOptions('toBeAllclose', options, { rtol: 1e-5, atol: 1e-8 });
  checkRange('toBeAllclose', 'rtol', rtol);
  checkRange('toBeAllclose', 'atol', atol);
  const [x, y] = [elementsOf('toBeAllclose', received), elementsOf('toBeAllclose', expected)];
  const at = x.findIndex((value, i) => {
    const wanted = y[i]!;
    if (Object.is(value, wanted) || value === wanted) return false;
    return !(Math.abs(value - wanted) <= atol + rtol * Math.abs(wanted));
  });
  const sameLength = x.length === y.length;
  const pass = sameLength && at < 0;
  const problem = sameLength
    ? `element ${at} is ${x[at]}, expected ${y[at]}`
    : `there are ${x.length} elements, expected ${y.length}`;
  return {
    pass,
    message: () => (pass ? 'expected the elements to differ' : `${problem} (rtol ${rtol}, atol ${atol})`),
  };
}
