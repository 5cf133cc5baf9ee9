/**
 * @file InfoNCE, and the mutual-information loss that is its in-batch form on raw scores.
 *
 * van den Oord, Li, Vinyals: "Representation learning with contrastive predictive coding", 2018, equation 4.
 */
import { group } from '../autograd/context.js';
import { eye } from '../autograd/create.js';
import { asPair } from '../autograd/elementwise.js';
import type { Tensor } from '../autograd/tensor.js';
import { ShapeError } from '../errors.js';
import { softplus } from '../ops/activation.js';
import { add, div, mul, sub } from '../ops/arithmetic.js';
import { equal, where } from '../ops/comparison.js';
import { normalize as toUnitLength } from '../ops/distance.js';
import { expandDims, squeeze, transpose } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { logSumExp, sum } from '../ops/reduce.js';
import { formatShape } from '../shape.js';
import { checkRows, checkTemperature, type Reduction, reduceLoss } from './arguments.js';

/** Options of {@link mutualInformationLoss}. */
export interface MutualInformationOptions {
  /** Divides the scores: a positive number, or a scalar tensor to be learned. Default 1. */
  readonly temperature?: number | Tensor;
  /** Whether rows are brought to length 1 first. Default false. */
  readonly normalize?: boolean;
  /** Whether to average with the loss of the other direction, which picks the row for each column. Default false. */
  readonly symmetric?: boolean;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/** Options of {@link infoNCELoss}. */
export interface InfoNCEOptions {
  /** `[K, D]` for all rows, or `[N, K, D]`. Default: the other rows' positives. */
  readonly negatives?: Tensor;
  /** Divides the similarities: a positive number, or a scalar tensor to be learned. Default 0.1. */
  readonly temperature?: number | Tensor;
  /** Whether rows are brought to length 1 first, so that similarities are cosines. Default true. */
  readonly normalize?: boolean;
  /** Whether to average with the loss of the other direction; in-batch negatives only. Default false. */
  readonly symmetric?: boolean;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/**
 * -log(e^p / (e^p + Σ e^n)), as softplus(log Σ e^n - p): exact for every p and n, and without cancellation where the
 * loss is small.
 */
function surprise(positive: Tensor, negatives: Tensor): Tensor {
  return softplus(sub(negatives, positive));
}

function inBatch(scores: Tensor, symmetric: boolean): Tensor {
  const diagonal = eye(scores.shape[0]!, { dtype: 'int32', device: scores.device });
  const mask = equal(diagonal, 0);
  const positive = sum(where(diagonal, scores, 0), { axis: 1 });
  const rows = surprise(positive, logSumExp(scores, { mask }));
  if (!symmetric) return rows;
  return mul(add(rows, surprise(positive, logSumExp(transpose(scores), { mask }))), 0.5);
}

/**
 * InfoNCE: each query should pick its own positive among the negatives.
 *
 * $L = -\frac1N\sum_i \log\frac{\exp(q_i\cdot k_i/\tau)}{\exp(q_i\cdot k_i/\tau)+\sum_j\exp(q_i\cdot k_j^-/\tau)}$
 *
 * @param query - `[N, D]`.
 * @param positive - The positive of each query, `[N, D]`.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. At full collapse log(K + 1), K negatives a query.
 * @throws {@link ShapeError} when the shapes do not fit.
 * @throws {@link ArgumentError} when the temperature is not positive, or in-batch negatives have fewer than 2 rows.
 *
 * @example
 * ```ts
 * import { infoNCELoss, tensor } from 'contragrad';
 *
 * const views = tensor([[1, 0], [0, 1]]);
 * console.log(infoNCELoss(views, views, { temperature: 1 }).item().toFixed(4)); // 0.3133
 * ```
 */
export function infoNCELoss(
  query: Tensor,
  positive: Tensor,
  {
    negatives,
    temperature = 0.1,
    normalize = true,
    symmetric = false,
    reduction = 'mean',
  }: InfoNCEOptions = {},
): Tensor {
  const name = 'infoNCELoss';
  if (negatives === undefined) {
    return scoreLoss(name, query, positive, { temperature, normalize, symmetric, reduction });
  }
  checkRows(name, [query, positive]);
  checkTemperature(name, temperature);
  checkNegatives(query, negatives, symmetric);
  const [q, k, far] = normalize
    ? [query, positive, negatives].map((x) => toUnitLength(x))
    : [query, positive, negatives];
  const own = div(sum(mul(q!, k!), { axis: 1 }), temperature);
  const scores =
    far!.rank === 2
      ? matmul(q!, far!, { transposeB: true })
      : squeeze(matmul(far!, expandDims(q!, 2)), { axis: 2 });
  return reduceLoss(name, surprise(own, logSumExp(div(scores, temperature))), reduction);
}

function checkNegatives(query: Tensor, negatives: Tensor, symmetric: boolean): void {
  asPair('infoNCELoss', query, negatives);
  const [n, d] = query.shape as [number, number];
  const fits = negatives.rank === 2 ? true : negatives.rank === 3 && negatives.shape[0] === n;
  if (!fits || negatives.shape.at(-1) !== d || negatives.shape.at(-2) === 0) {
    throw new ShapeError(
      'infoNCELoss',
      `negatives must be [K, ${d}] or [${n}, K, ${d}] with K at least 1, got ${formatShape(negatives.shape)}`,
    );
  }
  if (symmetric) {
    throw new ShapeError(
      'infoNCELoss',
      `symmetric needs in-batch negatives, got negatives of shape ${formatShape(negatives.shape)}`,
    );
  }
}

/**
 * The mutual-information loss: each local representation should pick its own sample's global one.
 *
 * $L = -\frac1N\sum_i\log\frac{\exp(l_i\cdot g_i)}{\sum_j\exp(l_i\cdot g_j)}$; log N - L is a lower bound of the mutual
 * information in nats, and cannot exceed log N.
 *
 * @param local - `[N, D]`.
 * @param global - `[N, D]`.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. At full collapse log N.
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when there are fewer than 2 rows, or the temperature is not positive.
 *
 * @example
 * ```ts
 * import { mutualInformationLoss, zeros } from 'contragrad';
 *
 * console.log(mutualInformationLoss(zeros([4, 2]), zeros([4, 2])).item().toFixed(4)); // 1.3863
 * ```
 */
export function mutualInformationLoss(
  local: Tensor,
  global: Tensor,
  options: MutualInformationOptions = {},
): Tensor {
  return scoreLoss('mutualInformationLoss', local, global, options);
}

function scoreLoss(
  name: string,
  a: Tensor,
  b: Tensor,
  { temperature = 1, normalize = false, symmetric = false, reduction = 'mean' }: MutualInformationOptions,
): Tensor {
  checkRows(name, [a, b], 2);
  checkTemperature(name, temperature);
  const [left, right] = normalize ? group('normalize', () => [toUnitLength(a), toUnitLength(b)]) : [a, b];
  const scores = group('scores', () => div(matmul(left!, right!, { transposeB: true }), temperature));
  return reduceLoss(name, inBatch(scores, symmetric), reduction);
}
