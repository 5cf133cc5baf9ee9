/**
 * @file The contrastive (siamese) loss, of given pairs and of all pairs of a batch.
 *
 * Hadsell, Chopra, LeCun: "Dimensionality reduction by learning an invariant mapping", CVPR 2006, equation 4; there
 * label 1 means dissimilar, here it means the same.
 */
import { group } from '../autograd/context.js';
import { arange } from '../autograd/create.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkPositive, type Read, readOptions } from '../checks.js';
import { relu } from '../ops/activation.js';
import { add, div, mul, square, sub } from '../ops/arithmetic.js';
import { cast, equal, less, maximum, where } from '../ops/comparison.js';
import { expandDims } from '../ops/layout.js';
import { sum } from '../ops/reduce.js';
import { shapeError } from '../shape.js';
import {
  asLabels,
  checkOnEmpty,
  checkRows,
  emptyLoss,
  type Labels,
  type OnEmpty,
  type Reduction,
  reduceLoss,
} from './arguments.js';
import { MEASURE, type Measured, type MeasureOptions, measure } from './measures.js';

/** The terms of a contrastive loss. */
export interface ContrastiveTerms {
  /** How far apart different pairs should be, in units of the distance. Default 1. */
  readonly margin?: number;
  /** Whether the factor ½ stands before the terms. Default true. */
  readonly half?: boolean;
  /** Whether distance and hinge are squared. Default true. */
  readonly squareTerms?: boolean;
}

/** Options of {@link contrastiveLossFromDistance}. */
export interface ContrastiveDistanceOptions extends ContrastiveTerms {
  /** Whether label 1 is a pair that is the same (default) or one that differs. */
  readonly labelMeans?: 'same' | 'different';
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/** Options of {@link contrastiveLoss}. */
export interface ContrastiveOptions extends ContrastiveDistanceOptions, MeasureOptions {}

const TERMS = { margin: 1, half: true, squareTerms: true } as const;
const FROM_DISTANCE = { ...TERMS, labelMeans: 'same', reduction: 'mean' } as const;

const MEASURED = { ...FROM_DISTANCE, ...MEASURE } as const;
const BATCH = { ...TERMS, ...MEASURE, average: 'all', onEmpty: 'error' } as const;

/** ½ D² where the pair is the same, ½ max(m - D, 0)² where it is not. */
function pairLoss(
  name: string,
  { distance, squared }: Measured,
  same: Tensor,
  { margin, half, squareTerms }: Read<ContrastiveTerms, typeof TERMS>,
): Tensor {
  checkPositive(name, 'margin', margin);
  const hinge = group('hinge', () => relu(sub(margin, distance())));
  // The positive term is D² itself where it can be: no square root, no kink.
  const terms = squareTerms ? where(same, squared(), square(hinge)) : where(same, distance(), hinge);
  return half ? mul(terms, 0.5) : terms;
}

function isSame(name: string, labels: Labels, like: Tensor, labelMeans: 'same' | 'different'): Tensor {
  checkChoice(name, 'labelMeans', labelMeans, ['same', 'different']);
  const given = asLabels(name, labels, like, { binary: true });
  return labelMeans === 'same' ? given : equal(given, 0);
}

/**
 * The contrastive loss of N pairs: the same are pulled together, different ones pushed apart up to a margin.
 *
 * $L = \frac{1}{2N}\sum_i y_i D_i^2 + (1-y_i)\max(m - D_i, 0)^2$, with $D_i=\lVert a_i-b_i\rVert_2$.
 *
 * @param a - The first of each pair, `[N, D]`.
 * @param b - The second of each pair, `[N, D]`.
 * @param labels - 1 where a pair is the same, 0 where it is not, `[N]`.
 * @param options - `margin`, what labels mean, how distances are taken, and the reduction.
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
export function contrastiveLoss(a: Tensor, b: Tensor, labels: Labels, options?: ContrastiveOptions): Tensor {
  const name = 'contrastiveLoss';
  const read = readOptions(name, options, MEASURED);
  checkRows(name, [a, b]);
  const same = isSame(name, labels, a, read.labelMeans);
  const measured = measure(name, a, b, read, 'rows');
  return reduceLoss(name, pairLoss(name, measured, same, read), read.reduction);
}

/**
 * {@link contrastiveLoss} of distances that are known already, `[N]`.
 *
 * @param d - Distances, 0 or more.
 * @param labels - As for {@link contrastiveLoss}.
 * @param options - `margin`, what labels mean, and the reduction.
 * @returns A scalar, or `[N]` with `reduction: 'none'`.
 * @throws {@link ShapeError} unless the distances are a vector.
 * @throws {@link ArgumentError} when a label is not 0 or 1, or the margin is not positive.
 */
export function contrastiveLossFromDistance(d: Tensor, labels: Labels, options?: ContrastiveDistanceOptions): Tensor {
  const name = 'contrastiveLossFromDistance';
  const read = readOptions(name, options, FROM_DISTANCE);
  checkTensor(name, d);
  if (d.rank !== 1) throw shapeError(name, 'needs distances [N]', d.shape);
  const same = isSame(name, labels, d, read.labelMeans);
  return reduceLoss(name, pairLoss(name, { distance: () => d, squared: () => square(d) }, same, read), read.reduction);
}

/** Options of {@link batchContrastiveLoss}. */
export interface BatchContrastiveOptions extends ContrastiveTerms, MeasureOptions {
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
 * @param options - `margin`, how distances are taken, which pairs are averaged, and what an empty batch is.
 * @returns A scalar.
 * @throws {@link ArgumentError} when there are fewer than two rows and `onEmpty` is `'error'`.
 */
export function batchContrastiveLoss(embeddings: Tensor, labels: Labels, options?: BatchContrastiveOptions): Tensor {
  const name = 'batchContrastiveLoss';
  const read = readOptions(name, options, BATCH);
  checkChoice(name, 'average', read.average, ['all', 'nonZeroPerKind']);
  checkOnEmpty(name, read.onEmpty);
  checkRows(name, [embeddings], 0);
  const classes = asLabels(name, labels, embeddings);
  const n = embeddings.shape[0]!;
  if (n < 2) return emptyLoss(name, embeddings, read.onEmpty, 'pair of rows');
  const rows = arange(n, { device: embeddings.device });
  const once = less(expandDims(rows, 1), expandDims(rows, 0));
  const same = equal(expandDims(classes, 1), expandDims(classes, 0));
  const measured = measure(name, embeddings, embeddings, read, 'matrix');
  const losses = where(once, pairLoss(name, measured, same, read), 0);
  if (read.average === 'all') return div(sum(losses), (n * (n - 1)) / 2);
  return add(meanOfActive(where(same, losses, 0)), meanOfActive(where(same, 0, losses)));
}

/** The mean over the elements that are above 0; 0 where there are none. */
export function meanOfActive(losses: Tensor): Tensor {
  const active = sum(cast(less(0, losses), losses.dtype));
  return div(sum(losses), maximum(active, 1));
}
