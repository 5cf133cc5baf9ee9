/**
 * @file The contrastive (siamese) loss, of given pairs and of all pairs of a batch.
 *
 * Hadsell, Chopra, LeCun: "Dimensionality reduction by learning an invariant mapping", CVPR 2006, equation 4; there
 * label 1 means dissimilar, here it means the same.
 */
import { group } from '../autograd/context.js';
import { arange } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import { ArgumentError } from '../errors.js';
import { relu } from '../ops/activation.js';
import { add, div, mul, square, sub } from '../ops/arithmetic.js';
import { cast, equal, less, maximum, where } from '../ops/comparison.js';
import { squaredCdist, squaredPairwiseDistance } from '../ops/distance.js';
import { expandDims } from '../ops/layout.js';
import { sum } from '../ops/reduce.js';
import { safeSqrt } from '../ops/transcendental.js';
import {
  asLabels,
  checkPositive,
  checkRows,
  emptyLoss,
  type Labels,
  type OnEmpty,
  type Reduction,
  reduceLoss,
} from './arguments.js';

/** Options of {@link contrastiveLoss}. */
export interface ContrastiveOptions {
  /** How far apart different pairs should be, in units of the distance. Default 1. */
  readonly margin?: number;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/** ½ D² where the pair is the same, ½ max(m - D, 0)² where it is not. */
function pairLoss(squaredDistance: Tensor, same: Tensor, margin: number): Tensor {
  // The positive term is D² itself: no square root, no kink.
  const hinge = group('hinge', () => relu(sub(margin, safeSqrt(squaredDistance))));
  return mul(where(same, squaredDistance, square(hinge)), 0.5);
}

/**
 * The contrastive loss of N pairs: the same are pulled together, different ones pushed apart up to a margin.
 *
 * $L = \frac{1}{2N}\sum_i y_i D_i^2 + (1-y_i)\max(m - D_i, 0)^2$, with $D_i=\lVert a_i-b_i\rVert_2$.
 *
 * @param a - The first of each pair, `[N, D]`.
 * @param b - The second of each pair, `[N, D]`.
 * @param labels - 1 where a pair is the same, 0 where it is not, `[N]`.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. Coincident different pairs have gradient 0.
 * @throws {@link ShapeError} when the rows differ.
 * @throws {@link ArgumentError} when a label is not 0 or 1, or the margin is not positive.
 *
 * @example
 * ```ts
 * import { contrastiveLoss, tensor } from 'contragrad';
 *
 * const a = tensor([[0, 0], [0, 0]]);
 * const b = tensor([[1, 0], [0.5, 0]]);
 * console.log(contrastiveLoss(a, b, [1, 0]).item()); // 0.3125
 * ```
 */
export function contrastiveLoss(
  a: Tensor,
  b: Tensor,
  labels: Labels,
  { margin = 1, reduction = 'mean' }: ContrastiveOptions = {},
): Tensor {
  checkRows('contrastiveLoss', [a, b]);
  checkPositive('contrastiveLoss', 'margin', margin);
  const same = asLabels('contrastiveLoss', labels, a, { binary: true });
  const distance = group('distance', () => squaredPairwiseDistance('contrastiveLoss', a, b));
  return reduceLoss('contrastiveLoss', pairLoss(distance, same, margin), reduction);
}

/** Options of {@link batchContrastiveLoss}. */
export interface BatchContrastiveOptions {
  /** How far apart different pairs should be, in units of the distance. Default 1. */
  readonly margin?: number;
  /**
   * `'all'` (default): the mean over all pairs. `'nonZeroPerKind'`: the mean over the same pairs that have a loss, plus
   * the mean over the different pairs that have one; so that the many different pairs do not drown the few same ones.
   */
  readonly average?: 'all' | 'nonZeroPerKind';
  /** When the batch has no pair at all. Default `'error'`. */
  readonly onEmpty?: OnEmpty;
}

/**
 * The contrastive loss of all N (N - 1) / 2 pairs of a batch: a pair is the same where its labels are equal.
 *
 * @param embeddings - `[N, D]`.
 * @param labels - A class for each row, `[N]`.
 * @returns A scalar.
 * @throws {@link ArgumentError} when there are fewer than two rows and `onEmpty` is `'error'`.
 */
export function batchContrastiveLoss(
  embeddings: Tensor,
  labels: Labels,
  { margin = 1, average = 'all', onEmpty = 'error' }: BatchContrastiveOptions = {},
): Tensor {
  const name = 'batchContrastiveLoss';
  checkRows(name, [embeddings]);
  checkPositive(name, 'margin', margin);
  const classes = asLabels(name, labels, embeddings);
  const n = embeddings.shape[0]!;
  if (n < 2) return emptyLoss(name, embeddings, onEmpty, 'pair of rows');
  const rows = arange(n, { device: embeddings.device });
  const once = less(expandDims(rows, 1), expandDims(rows, 0));
  const same = equal(expandDims(classes, 1), expandDims(classes, 0));
  const distance = group('distance', () => squaredCdist(embeddings));
  const losses = where(once, pairLoss(distance, same, margin), 0);
  if (average === 'all') return div(sum(losses), (n * (n - 1)) / 2);
  if (average !== 'nonZeroPerKind') {
    throw new ArgumentError(
      name,
      `average must be 'all' or 'nonZeroPerKind', got ${JSON.stringify(average)}`,
    );
  }
  return add(meanOfActive(where(same, losses, 0)), meanOfActive(where(same, 0, losses)));
}

/** The mean over the elements that are not 0; 0 where there are none. */
export function meanOfActive(losses: Tensor): Tensor {
  const active = sum(cast(less(0, losses), losses.dtype));
  return div(sum(losses), maximum(active, 1));
}
