/**
 * @file The supervised contrastive loss.
 *
 * Khosla et al.: "Supervised contrastive learning", NeurIPS 2020, the loss L_out of equation 2.
 */
import { group } from '../autograd/context.js';
import { arange, zeros } from '../autograd/create.js';
// Counts of rows and triplets cannot leave int32.
import { sum } from '../autograd/linear.js';
import { checkTensor, requireValues } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkPositive, readOptions } from '../checks.js';
import { softplus } from '../ops/activation.js';
import { div, mul, sub } from '../ops/arithmetic.js';
import { cast, equal, greater, maximum, notEqual, where } from '../ops/comparison.js';
import { normalize as toUnitLength } from '../ops/distance.js';
import { gather, scatterAdd } from '../ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { argmax, logSumExp, max } from '../ops/reduce.js';
import { shapeError } from '../shape.js';
import {
  asLabels,
  asTemperature,
  checkOnEmpty,
  checkRows,
  emptyLoss,
  type Labels,
  nothingExists,
  type OnEmpty,
} from './arguments.js';

/** Options of {@link supConLoss}. */
export interface SupConOptions {
  /** Divides the similarities: a positive number, or a scalar tensor to be learned. Default 0.1. */
  readonly temperature?: number | Tensor;
  /** The loss is multiplied by temperature / baseTemperature. Default: the temperature, so that the factor is 1. */
  readonly baseTemperature?: number;
  /** Whether rows are brought to length 1 first. Default true. */
  readonly normalize?: boolean;
  /**
   * Whom a positive competes with: all others (`'allPositives'`, the default), or the negatives alone
   * (`'otherPositivesExcluded'`, as pytorch-metric-learning's NT-Xent).
   */
  readonly denominator?: 'allPositives' | 'otherPositivesExcluded';
  /** When no row has a positive. Default `'error'`. */
  readonly onEmpty?: OnEmpty;
}

/**
 * The supervised contrastive loss: each row should pick those of its class among all others.
 *
 * $L = \frac{1}{|A|}\sum_{i \in A} \frac{-1}{|P(i)|}\sum_{p \in P(i)} \log\frac{\exp(z_i\cdot z_p/\tau)}{\sum_{a \ne i}\exp(z_i\cdot z_a/\tau)}$
 * over the rows A that have a positive; the others are left out (see {@link validateBatch}).
 *
 * @param features - `[N, D]`, or `[B, V, D]` for V views of each of B samples.
 * @param labels - A class for each row or sample.
 * @param options - `temperature` and the base it is scaled by, what the denominator holds, and what an empty batch is.
 * @returns A scalar. At full collapse log(R - 1) · τ / base, R rows in all.
 * @throws {@link ShapeError} when the shapes do not fit.
 * @throws {@link ArgumentError} when no row has a positive and `onEmpty` is `'error'`, or a temperature is not positive.
 */
export function supConLoss(features: Tensor, labels: Labels, options?: SupConOptions): Tensor {
  const name = 'supConLoss';
  const read = readOptions(name, options, {
    temperature: undefined,
    baseTemperature: undefined,
    normalize: true,
    denominator: 'allPositives',
    onEmpty: 'error',
  });
  const { temperature: given = 0.1, baseTemperature, normalize, denominator, onEmpty } = read;
  checkTensor(name, features);
  if (features.rank !== 2 && features.rank !== 3) {
    throw shapeError(name, 'needs features [N, D] or [B, V, D]', features.shape);
  }
  checkChoice(name, 'denominator', denominator, ['allPositives', 'otherPositivesExcluded']);
  checkOnEmpty(name, onEmpty);
  const temperature = asTemperature(name, given);
  if (baseTemperature !== undefined) checkPositive(name, 'baseTemperature', baseTemperature);
  const views = features.rank === 3 ? features.shape[1]! : 1;
  const classes = asLabels(name, labels, features);
  const rows = reshape(features, [features.shape[0]! * views, features.shape.at(-1)!]);
  checkRows(name, [rows], 0);
  const n = rows.shape[0]!;
  if (n < 2) return emptyLoss(name, rows, onEmpty, 'positive');

  const perRow = reshape(broadcastTo(expandDims(classes, 1), [classes.size, views]), [n]);
  const same = equal(expandDims(perRow, 1), expandDims(perRow, 0));
  // A class goes by its first row: labels may be any whole numbers.
  const first = argmax(same, { axis: 1 });
  const positives = sub(sum(same, { axis: 1 }), 1);
  const counted = greater(positives, 0);
  if (onEmpty === 'error') {
    requireValues(max(positives), { test: 'positive' }, () => nothingExists(name, 'positive'));
  }
  const z = normalize ? group('normalize', () => toUnitLength(rows)) : rows;
  const scaled = div(z, temperature);
  const scores = group('scores', () => matmul(scaled, z, { transposeB: true }));
  const each = cast(maximum(positives, 1), z.dtype);
  const losses =
    denominator === 'allPositives' ? amongAll(scores, scaled, z, first, each) : amongNegatives(scores, first, each);
  const mean = div(sum(where(counted, losses, 0)), cast(maximum(sum(counted), 1), z.dtype));
  if (baseTemperature === undefined) return mean;
  return mul(mul(mean, temperature), 1 / baseTemperature);
}

/** Where two rows have different marks. */
export const differs = (marks: Tensor): Tensor => notEqual(expandDims(marks, 1), expandDims(marks, 0));

/** The log-sum-exp over all others less the mean score of the positives, which comes from class sums: no N x N mask of them. */
function amongAll(scores: Tensor, scaled: Tensor, z: Tensor, first: Tensor, each: Tensor): Tensor {
  const [n, d] = z.shape as [number, number];
  const index = broadcastTo(expandDims(first, 1), [n, d]);
  const sums = scatterAdd(zeros([n, d], { dtype: z.dtype, device: z.device }), index, z, { axis: 0 });
  const ownClass = sum(mul(scaled, sub(gather(sums, index, { axis: 0 }), z)), { axis: 1 });
  const mask = differs(arange(n, { device: z.device }));
  return sub(logSumExp(scores, { mask }), div(ownClass, each));
}

/** The mean over the positives of what each loses against the negatives alone. */
export function amongNegatives(scores: Tensor, first: Tensor, each: Tensor): Tensor {
  const negative = differs(first);
  const positive = greater(differs(arange(first.size, { device: first.device })), negative);
  const terms = softplus(sub(expandDims(logSumExp(scores, { mask: negative }), 1), scores));
  return div(sum(where(positive, terms, 0), { axis: 1 }), each);
}
