/**
 * @file The triplet loss, of given triplets and of all triplets of a batch.
 *
 * Schroff, Kalenichenko, Philbin: "FaceNet: a unified embedding for face recognition and clustering", CVPR 2015,
 * equation 1; batch-all after Hermans, Beyer, Leibe: "In defense of the triplet loss", 2017.
 */
import { group } from '../autograd/context.js';
import { eye } from '../autograd/create.js';
import { requireValues } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { ArgumentError } from '../errors.js';
import { relu } from '../ops/activation.js';
import { add, div, mul, sub } from '../ops/arithmetic.js';
import { cast, equal, greater, maximum, where } from '../ops/comparison.js';
import { squaredCdist, squaredPairwiseDistance } from '../ops/distance.js';
import { expandDims } from '../ops/layout.js';
import { sum } from '../ops/reduce.js';
import { safeSqrt } from '../ops/transcendental.js';
import {
  asLabels,
  checkPositive,
  checkRows,
  type Labels,
  nothingExists,
  type OnEmpty,
  type Reduction,
  reduceLoss,
} from './arguments.js';
import { meanOfActive } from './contrastive.js';

/** Options of {@link tripletLoss}. */
export interface TripletOptions {
  /** How much further the negative should be than the positive. Default 1. */
  readonly margin?: number;
  /** Whether distances are squared, as in the formula. Default true. */
  readonly squared?: boolean;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/**
 * The triplet loss: the anchor should be nearer to its positive than to its negative, by a margin.
 *
 * $L = \frac1N\sum_i \big[\lVert a_i-p_i\rVert^2 - \lVert a_i-n_i\rVert^2 + m\big]_+$
 *
 * At full collapse (all rows equal) the loss is the margin and the gradient of the squared form exactly 0.
 *
 * @param anchor - `[N, D]`.
 * @param positive - Of the anchor's class, `[N, D]`.
 * @param negative - Of another class, `[N, D]`.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. At the kink the gradient is 0.
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when the margin is not positive.
 *
 * @example
 * ```ts
 * import { tensor, tripletLoss } from 'contragrad';
 *
 * console.log(tripletLoss(tensor([[0, 0]]), tensor([[1, 0]]), tensor([[0, 1]])).item()); // 1
 * ```
 */
export function tripletLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, squared = true, reduction = 'mean' }: TripletOptions = {},
): Tensor {
  checkRows('tripletLoss', [anchor, positive, negative]);
  checkPositive('tripletLoss', 'margin', margin);
  const distance = (other: Tensor): Tensor =>
    group('distance', () => {
      const d = squaredPairwiseDistance('tripletLoss', anchor, other);
      return squared ? d : safeSqrt(d);
    });
  const gap = sub(distance(positive), distance(negative));
  return reduceLoss(
    'tripletLoss',
    group('hinge', () => relu(add(gap, margin))),
    reduction,
  );
}

/** Options of {@link batchTripletLoss}. */
export interface BatchTripletOptions {
  /** How much further the negative should be than the positive. Default 1. */
  readonly margin?: number;
  /** Whether distances are squared, as in the formula. Default true. */
  readonly squared?: boolean;
  /** Which triplets of the batch count: all of them. Default `'all'`. */
  readonly mining?: 'all';
  /** The mean over `'all'` triplets (default), or over the `'violating'` ones: those with a loss. */
  readonly average?: 'all' | 'violating';
  /** When the batch has no triplet at all. Default `'error'`. */
  readonly onEmpty?: OnEmpty;
}

/**
 * The triplet loss of every triplet of a batch: any two rows of one class, with any row of another.
 *
 * It needs memory for N³ elements.
 *
 * @param embeddings - `[N, D]`.
 * @param labels - A class for each row, `[N]`.
 * @returns A scalar.
 * @throws {@link ArgumentError} when no triplet exists and `onEmpty` is `'error'`.
 */
export function batchTripletLoss(
  embeddings: Tensor,
  labels: Labels,
  {
    margin = 1,
    squared = true,
    mining = 'all',
    average = 'all',
    onEmpty = 'error',
  }: BatchTripletOptions = {},
): Tensor {
  const name = 'batchTripletLoss';
  checkRows(name, [embeddings]);
  checkPositive(name, 'margin', margin);
  if (mining !== 'all') throw new ArgumentError(name, `mining must be 'all', got ${JSON.stringify(mining)}`);
  if (average !== 'all' && average !== 'violating') {
    throw new ArgumentError(name, `average must be 'all' or 'violating', got ${JSON.stringify(average)}`);
  }
  const classes = asLabels(name, labels, embeddings);
  const n = embeddings.shape[0]!;
  const same = equal(expandDims(classes, 1), expandDims(classes, 0));
  const positives = greater(same, eye(n, { dtype: 'int32', device: embeddings.device }));
  const triplets = mul(expandDims(positives, 2), expandDims(equal(same, 0), 1));
  const count = sum(triplets);
  if (onEmpty === 'error') {
    const missing = 'triplet (two rows of one class and one of another)';
    requireValues(count, { test: 'positive' }, () => nothingExists(name, missing));
  }
  const distances = group('distance', () => {
    const d = squaredCdist(embeddings);
    return squared ? d : safeSqrt(d);
  });
  const losses = group('hinge', () => {
    const gap = sub(expandDims(add(distances, margin), 2), expandDims(distances, 1));
    return relu(where(triplets, gap, 0));
  });
  return average === 'violating'
    ? meanOfActive(losses)
    : div(sum(losses), cast(maximum(count, 1), losses.dtype));
}
