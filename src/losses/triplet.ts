/**
 * @file The triplet loss, of given triplets and of those that are mined in a batch.
 *
 * Schroff, Kalenichenko, Philbin: "FaceNet: a unified embedding for face recognition and clustering", CVPR 2015,
 * equation 1 and semi-hard negatives; batch-all and batch-hard after Hermans, Beyer, Leibe: "In defense of the triplet
 * loss", 2017; distance-weighted after Wu, Manmatha, Smola, Krähenbühl: "Sampling matters", ICCV 2017.
 */
import { group } from '../autograd/context.js';
import { drawn, eye } from '../autograd/create.js';
// Counts of rows and triplets cannot leave int32.
import { sum } from '../autograd/linear.js';
import { requireValues } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkPositive, readOptions } from '../checks.js';
import { relu, softplus } from '../ops/activation.js';
import { add, div, mul, neg, sub } from '../ops/arithmetic.js';
import { cast, clamp, equal, greater, lessEqual, maximum, minimum, where } from '../ops/comparison.js';
import { gather } from '../ops/indexing.js';
import { expandDims, squeeze } from '../ops/layout.js';
import { argmax, max, min } from '../ops/reduce.js';
import { log } from '../ops/transcendental.js';
import { Generator } from '../random.js';
import {
  asLabels,
  checkOnEmpty,
  checkRows,
  emptyLoss,
  type Labels,
  nothingExists,
  type OnEmpty,
  type Reduction,
  reduceLoss,
} from './arguments.js';
import { meanOfActive } from './contrastive.js';
import { MEASURE, type MeasureOptions, measure } from './measures.js';

/** The terms of a triplet loss. */
export interface TripletTerms extends MeasureOptions {
  /** How much further the negative should be than the positive. Default 1. */
  readonly margin?: number;
  /** Whether distances are squared, as in the formula. Default true. */
  readonly squared?: boolean;
  /** Whether softplus takes the place of the hinge. Default false. */
  readonly smooth?: boolean;
}

/** Options of {@link tripletLoss}. */
export interface TripletOptions extends TripletTerms {
  /** Whether the positive may stand in for the anchor where it is nearer to the negative. Default false. */
  readonly swap?: boolean;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

const TERMS = { ...MEASURE, margin: 1, squared: true, smooth: false } as const;

const TRIPLET = { ...TERMS, swap: false, reduction: 'mean' } as const;

/** How far a gap reaches into the margin. */
export const hinge = (gap: Tensor, margin: number, smooth: boolean): Tensor =>
  group('hinge', () => (smooth ? softplus(add(gap, margin)) : relu(add(gap, margin))));

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
 * @param options - `margin`, how distances are taken, whether squared, smooth or swapped, and the reduction.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. At the kink the gradient is 0.
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when the margin is not positive.
 *
 * @example
 * ```ts
 * import { tensor, tripletLoss } from 'contragrad';
 *
 * const anchor = tensor([[0, 0]]);
 * const [positive, negative] = [tensor([[1, 0]]), tensor([[0, 1]])];
 * console.log(tripletLoss(anchor, positive, negative).item()); // 1
 * ```
 */
export function tripletLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletOptions): Tensor {
  const name = 'tripletLoss';
  const read = readOptions(name, options, TRIPLET);
  const { margin, squared, smooth, swap, reduction } = read;
  checkRows(name, [anchor, positive, negative]);
  checkPositive(name, 'margin', margin);
  const between = (a: Tensor, b: Tensor): Tensor =>
    measure(name, a, b, read, 'rows')[squared ? 'squared' : 'distance']();
  const far = between(anchor, negative);
  const gap = sub(between(anchor, positive), swap ? minimum(far, between(positive, negative)) : far);
  return reduceLoss(name, hinge(gap, margin, smooth), reduction);
}

/** Which triplets of a batch count. */
export type Mining = 'all' | 'hard' | 'semiHard' | 'distanceWeighted';

/** Options of {@link batchTripletLoss}. */
export interface BatchTripletOptions extends TripletTerms {
  /**
   * `'all'` (default): every triplet. `'hard'`: for each anchor its furthest positive and its nearest negative.
   * `'semiHard'`: for each anchor and positive the nearest negative that is further than the positive, or the
   * furthest negative where there is none. `'distanceWeighted'`: for each anchor and positive a random negative, drawn so
   * that all distances are equally likely; for embeddings on the unit sphere.
   */
  readonly mining?: Mining;
  /** The mean over `'all'` mined triplets (default), or over the `'violating'` ones: those with a loss. */
  readonly average?: 'all' | 'violating';
  /**
   * Which rows are anchors of hard mining: those with a positive and a negative (`'complete'`, the default), or `'all'`. A row
   * without a positive then is its own, at distance 0; one without a negative has its furthest row for one. Every batch has a loss.
   */
  readonly anchors?: 'complete' | 'all';
  /** When the batch has no triplet at all. Default `'error'`. */
  readonly onEmpty?: OnEmpty;
  /** Where distance-weighted mining draws from. Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
}

/**
 * The triplet loss of triplets out of a batch: any two rows of one class, with any row of another.
 *
 * Mining is made of tensor operations on the distances' values; it needs memory for N³ elements, `'hard'` for N².
 *
 * @param embeddings - `[N, D]`.
 * @param labels - A class for each row, `[N]`.
 * @param options - `margin`, how distances are taken, which triplets are mined and averaged, and what an empty batch is.
 * @returns A scalar.
 * @throws {@link ArgumentError} when no triplet exists and `onEmpty` is `'error'`.
 */
export function batchTripletLoss(embeddings: Tensor, labels: Labels, options?: BatchTripletOptions): Tensor {
  const read = readBatchTriplet(options);
  const classes = checkedClasses(embeddings, labels, read);
  const measured = measure('batchTripletLoss', embeddings, embeddings, read, 'matrix');
  const distances = read.squared ? measured.squared() : measured.distance();
  return lossOfDistances(distances, classes, embeddings, read);
}

const BATCH = {
  ...TERMS,
  mining: 'all',
  average: 'all',
  anchors: 'complete',
  onEmpty: 'error',
  generator: undefined,
} as const;

/** The options of {@link batchTripletLoss}, with its defaults. */
export type BatchTriplets = Required<Omit<BatchTripletOptions, 'generator'>> & {
  readonly generator: Generator | undefined;
};

/** Reads the options of {@link batchTripletLoss}. */
export function readBatchTriplet(options: BatchTripletOptions | undefined): BatchTriplets {
  return readOptions('batchTripletLoss', options, BATCH);
}

/** The labels as a tensor, when nothing is wrong with these arguments of {@link batchTripletLoss}. */
export function checkedClasses(
  embeddings: Tensor,
  labels: Labels,
  { margin, mining, average, anchors, onEmpty, generator }: BatchTriplets,
): Tensor {
  const name = 'batchTripletLoss';
  checkRows(name, [embeddings], 0);
  checkPositive(name, 'margin', margin);
  checkChoice(name, 'mining', mining, ['all', 'hard', 'semiHard', 'distanceWeighted']);
  checkChoice(name, 'average', average, ['all', 'violating']);
  checkOnEmpty(name, onEmpty);
  if (generator !== undefined) Generator.check(name, generator);
  checkChoice(name, 'anchors', anchors, ['complete', 'all']);
  if (anchors === 'all') checkChoice(name, "with anchors: 'all', mining", mining, ['hard']);
  return asLabels(name, labels, embeddings);
}

/** {@link batchTripletLoss} by the distances `[N, N]`, squared where they are to be. */
export function lossOfDistances(
  distances: Tensor,
  classes: Tensor,
  embeddings: Tensor,
  { margin, smooth, mining, average, anchors, onEmpty, generator }: BatchTriplets,
): Tensor {
  const everyRow = anchors === 'all';
  const name = 'batchTripletLoss';
  const missing = 'triplet (two rows of one class and one of another)';
  const n = embeddings.shape[0]!;
  if (n === 0) return emptyLoss(name, embeddings, onEmpty, missing);

  const same = equal(expandDims(classes, 1), expandDims(classes, 0));
  const negatives = equal(same, 0);
  const others = greater(same, eye(n, { dtype: 'int32', device: embeddings.device }));
  // A pair without any negative makes no triplet.
  const positives = everyRow ? others : where(others, max(negatives, { axis: 1, keepDims: true }), 0);
  if (onEmpty === 'error' && !everyRow) {
    requireValues(max(positives), { test: 'positive' }, () => nothingExists(name, missing));
  }
  const [gaps, found] = mined[mining](distances, positives, negatives, embeddings, generator);
  const counted = everyRow ? equal(classes, classes) : found;
  const losses = where(counted, hinge(gaps, margin, smooth), 0);
  return average === 'violating'
    ? meanOfActive(losses)
    : div(sum(losses), cast(maximum(sum(counted), 1), losses.dtype));
}

/** How much nearer each negative is than its positive, and which of these numbers count. */
type Mined = readonly [gaps: Tensor, counted: Tensor];
type Miner = (
  distances: Tensor,
  positives: Tensor,
  negatives: Tensor,
  embeddings: Tensor,
  generator: Generator | undefined,
) => Mined;

const byPair = (x: Tensor): Tensor => expandDims(x, 2);
const byNegative = (x: Tensor): Tensor => expandDims(x, 1);

const mined: Record<Mining, Miner> = {
  all: (distances, positives, negatives) => [
    sub(byPair(distances), byNegative(distances)),
    where(byPair(positives), byNegative(negatives), 0),
  ],

  hard(distances, positives, negatives) {
    const furthest = max(where(positives, distances, Number.NEGATIVE_INFINITY), { axis: 1 });
    const nearest = min(where(negatives, distances, Number.POSITIVE_INFINITY), { axis: 1 });
    const counted = max(positives, { axis: 1 });
    // For what an anchor lacks, 0 and its furthest row stand.
    const far = where(max(negatives, { axis: 1 }), nearest, max(distances, { axis: 1 }));
    return [sub(where(counted, furthest, 0), far), counted];
  },

  semiHard(distances, positives, negatives) {
    // NaN counts as further, and then as nearest.
    const further = where(lessEqual(byNegative(distances), byPair(distances)), 0, byNegative(negatives));
    const nearest = min(where(further, byNegative(distances), Number.POSITIVE_INFINITY), { axis: 2 });
    const furthest = max(where(negatives, distances, Number.NEGATIVE_INFINITY), { axis: 1, keepDims: true });
    const chosen = where(max(further, { axis: 2 }), nearest, furthest);
    return [sub(where(positives, distances, 0), where(positives, chosen, 0)), positives];
  },

  distanceWeighted(distances, positives, negatives, embeddings, generator) {
    const weights = logWeights(embeddings.detach());
    const shape = [...positives.shape, positives.shape[0]!];
    const { device, dtype } = distances;
    const uniform = drawn('batchTripletLoss', 'uniform', shape, { device, ...(generator && { generator }) });
    // The largest of log-weights plus Gumbel noise is a draw by the weights.
    const gumbel = neg(log(neg(log(cast(add(uniform, 2 ** -25), dtype)))));
    const scores = where(byNegative(negatives), add(byNegative(weights), gumbel), Number.NEGATIVE_INFINITY);
    const chosen = gather(distances, squeeze(argmax(scores, { axis: 2, keepDims: true }), { axis: 2 }));
    return [sub(distances, chosen), positives];
  },
};

/**
 * -log q(d) for every pair of rows, q being the density of distances between random points of the unit sphere:
 * $q(d) \propto d^{D-2} (1 - d^2/4)^{(D-3)/2}$, distances below 0.5 counting as 0.5.
 */
function logWeights(z: Tensor): Tensor {
  const size = z.shape[1]!;
  const squares = measure('batchTripletLoss', z, z, { ...MEASURE, normalize: true }, 'matrix').squared();
  const near = clamp(squares, { min: 0.25, max: 4 * (1 - 1e-6) });
  return add(mul(log(near), (2 - size) / 2), mul(log(sub(1, mul(near, 0.25))), (3 - size) / 2));
}
