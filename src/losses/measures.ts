/**
 * @file Distances as the losses take them: row by row, or every row of one with every row of the other.
 */
import { group } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, type Read, readOptions, wrong } from '../checks.js';
import { add, mul, neg, square, sub } from '../ops/arithmetic.js';
import { maximum } from '../ops/comparison.js';
import { squaredCdist, normalize as toUnitLength } from '../ops/distance.js';
import { expandDims } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { norm, sum } from '../ops/reduce.js';
import { safeSqrt, sqrt } from '../ops/transcendental.js';

/** A distance by name; `{ p }` is the p-norm of the difference. Cosine is 1 - cos, dot the negative inner product. */
export type Distance = 'euclidean' | 'squaredEuclidean' | 'cosine' | 'dot' | { readonly p: number };

/** How distances are measured. */
export interface MeasureOptions {
  /** Default `'euclidean'`. */
  readonly distance?: Distance;
  /** Whether rows are brought to length 1 first. Default false. */
  readonly normalize?: boolean;
  /**
   * Added to every coordinate of the difference, as PyTorch's `F.pairwise_distance` does with 1e-6: coincident points
   * then lie √D ε apart and are pushed along (1, …, 1). Default 0.
   */
  readonly eps?: number;
  /** The least squared Euclidean distance: √max(d², floor). Default 0. */
  readonly floor?: number;
}

/** The defaults of {@link MeasureOptions}. */
export const MEASURE = { distance: 'euclidean', normalize: false, eps: 0, floor: 0 } as const;

/** A distance and its square, either of them without a detour over the other where there is one. */
export interface Measured {
  readonly distance: () => Tensor;
  readonly squared: () => Tensor;
}

/** Measures rows of `a` and `b`: pair by pair, or all with all. */
export function measure(
  op: string,
  a: Tensor,
  b: Tensor,
  { distance, normalize, eps, floor }: Read<MeasureOptions, typeof MEASURE>,
  form: 'rows' | 'matrix',
): Measured {
  checkRange(op, 'eps', eps);
  checkRange(op, 'floor', floor);
  const unit = normalize || distance === 'cosine';
  const [x, y] = unit ? group('normalize', () => [toUnitLength(a), toUnitLength(b)]) : [a, b];
  const shifted = eps === 0 ? x : add(x, eps);
  const inner = (): Tensor => (form === 'rows' ? sum(mul(x, y), { axis: 1 }) : matmul(x, y, { transposeB: true }));
  const difference = (): Tensor => (form === 'rows' ? sub(shifted, y) : sub(expandDims(shifted, 1), expandDims(y, 0)));
  const of = (make: () => Tensor): Measured => {
    const made = group('distance', make);
    return { distance: () => made, squared: () => square(made) };
  };

  if (distance === 'cosine') return of(() => sub(1, inner()));
  if (distance === 'dot') return of(() => neg(inner()));
  if (typeof distance === 'object' && distance !== null) {
    const { p } = readOptions(op, distance, { p: Number.NaN });
    return of(() => norm(difference(), { p, axis: -1 }));
  }
  const raised = (): Tensor => {
    const exact = form === 'rows' ? sum(square(difference()), { axis: 1 }) : squaredCdist(shifted, y);
    return floor === 0 ? exact : maximum(exact, floor);
  };
  if (distance === 'squaredEuclidean') return of(raised);
  if (distance !== 'euclidean') {
    throw wrong(op, 'distance', "'euclidean', 'squaredEuclidean', 'cosine', 'dot' or { p }", distance);
  }
  // Both are asked for: they share the differences.
  const squares = group('distance', raised);
  return {
    squared: () => squares,
    distance: () => group('distance', () => (floor === 0 ? safeSqrt : sqrt)(squares)),
  };
}
