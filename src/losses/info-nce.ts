/**
 * @file InfoNCE, and NT-Xent, its form for two views of each sample.
 *
 * van den Oord, Li, Vinyals: "Representation learning with contrastive predictive coding", 2018, equation 4.
 */
import { group } from '../autograd/context.js';
import { arange, eye } from '../autograd/create.js';
import { asPair } from '../autograd/elementwise.js';
import { checkTensor, requireValues } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { readOptions } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { softplus } from '../ops/activation.js';
import { add, div, mul, sub } from '../ops/arithmetic.js';
import { equal, notEqual, where } from '../ops/comparison.js';
import { normalize as toUnitLength } from '../ops/distance.js';
import { concat, expandDims, slice, squeeze, transpose } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { logSumExp, max, sum } from '../ops/reduce.js';
import { formatShape, shapeError } from '../shape.js';
import { asTemperature, checkRows, type Reduction, reduceLoss } from './arguments.js';
import { isMemoryBank, type MemoryBank } from './memory-bank.js';

/** Options of {@link infoNCELoss}. */
export interface InfoNCEOptions {
  /** `[K, D]` for all rows, `[N, K, D]`, or a {@link memoryBank}. Default: the other rows' positives. */
  readonly negatives?: Tensor | MemoryBank;
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
export function surprise(positive: Tensor, negatives: Tensor): Tensor {
  return softplus(sub(negatives, positive));
}

/** The loss of each row of a square matrix of scores, whose positives are on the diagonal. */
export function inBatch(scores: Tensor, symmetric: boolean): Tensor {
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
 * @param options - `negatives`, `temperature`, whether to normalise and to go both ways, and the reduction.
 * @returns A scalar, or `[N]` with `reduction: 'none'`. At full collapse log(K + 1), K negatives a query.
 * @throws {@link ShapeError} when the shapes do not fit.
 * @throws {@link ArgumentError} when the temperature is not positive, or in-batch negatives have fewer than 2 rows.
 *
 * @example
 * ```ts
 * import { infoNCELoss, tensor } from 'contragrad';
 *
 * const views = tensor([[1, 0], [0, 1]]);
 * const loss = infoNCELoss(views, views, { temperature: 1 });
 * console.log(loss.item().toFixed(4)); // 0.3133
 * ```
 */
export function infoNCELoss(query: Tensor, positive: Tensor, options?: InfoNCEOptions): Tensor {
  const name = 'infoNCELoss';
  const read = readOptions(name, options, {
    negatives: undefined,
    temperature: undefined,
    normalize: true,
    symmetric: false,
    reduction: 'mean',
  });
  const { negatives, temperature: given = 0.1, normalize, symmetric, reduction } = read;
  checkRows(name, [query, positive], negatives === undefined ? 2 : 1);
  const temperature = asTemperature(name, given);
  const [q, k] = normalize
    ? group('normalize', () => [toUnitLength(query), toUnitLength(positive)])
    : [query, positive];
  if (negatives === undefined) {
    const scores = group('scores', () => matmul(div(q!, temperature), k!, { transposeB: true }));
    return reduceLoss(name, inBatch(scores, symmetric), reduction);
  }
  const { rows, mask } = isMemoryBank(negatives) ? negatives : { rows: negatives, mask: undefined };
  checkTensor(name, rows, 'negatives');
  checkNegatives(query, rows, symmetric);
  if (mask !== undefined) requireValues(max(mask), { test: 'positive' }, emptyBank);
  const far = normalize ? toUnitLength(rows) : rows;
  const scaled = div(q!, temperature);
  const scores =
    far.rank === 2
      ? matmul(scaled, far, { transposeB: true })
      : squeeze(matmul(far, expandDims(scaled, 2)), { axis: 2 });
  const rest = logSumExp(scores, mask === undefined ? {} : { mask });
  return reduceLoss(name, surprise(sum(mul(scaled, k!), { axis: 1 }), rest), reduction);
}

const emptyBank = (): ArgumentError =>
  new ArgumentError('infoNCELoss', 'negatives is an empty memory bank', 'push a batch into it first');

function checkNegatives(query: Tensor, negatives: Tensor, symmetric: boolean): void {
  asPair('infoNCELoss', query, negatives);
  const [n, d] = query.shape as [number, number];
  const fits = negatives.rank === 2 ? true : negatives.rank === 3 && negatives.shape[0] === n;
  if (!fits || negatives.shape.at(-1) !== d || negatives.shape.at(-2) === 0) {
    throw shapeError(
      'infoNCELoss',
      `negatives must be [K, ${d}] or [${n}, K, ${d}] with K at least 1`,
      negatives.shape,
    );
  }
  if (symmetric) {
    throw new ShapeError(
      'infoNCELoss',
      `symmetric needs in-batch negatives, got negatives of shape ${formatShape(negatives.shape)}`,
    );
  }
}

/** Options of {@link ntXentLoss}. */
export interface NTXentOptions {
  /** Divides the similarities: a positive number, or a scalar tensor to be learned. Default 0.5. */
  readonly temperature?: number | Tensor;
  /** Whether rows are brought to length 1 first. Default true. */
  readonly normalize?: boolean;
  /** Default `'mean'`. */
  readonly reduction?: Reduction;
}

/**
 * The normalised temperature-scaled cross-entropy of SimCLR: each of 2N views should pick the other view of its sample
 * among all others.
 *
 * $L = -\frac{1}{2N}\sum_i \log\frac{\exp(z_i\cdot z_{p(i)}/\tau)}{\sum_{a \ne i}\exp(z_i\cdot z_a/\tau)}$
 *
 * Chen, Kornblith, Norouzi, Hinton: "A simple framework for contrastive learning of visual representations", ICML 2020.
 *
 * @param z1 - One view of each sample, `[N, D]`.
 * @param z2 - The other view, `[N, D]`.
 * @param options - `temperature`, whether to normalise, and the reduction.
 * @returns A scalar, or `[2N]` with `reduction: 'none'`, first all of `z1`. At full collapse log(2N - 1).
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when there are fewer than 2 rows, or the temperature is not positive.
 */
export function ntXentLoss(z1: Tensor, z2: Tensor, options?: NTXentOptions): Tensor {
  const name = 'ntXentLoss';
  const read = readOptions(name, options, { temperature: undefined, normalize: true, reduction: 'mean' });
  const { temperature: given = 0.5, normalize, reduction } = read;
  checkRows(name, [z1, z2], 2);
  const temperature = asTemperature(name, given);
  const views = concat([z1, z2]);
  const z = normalize ? group('normalize', () => toUnitLength(views)) : views;
  const n = z1.shape[0]!;
  const scores = group('scores', () => matmul(div(z, temperature), z, { transposeB: true }));
  const sample = arange(n, { device: z.device });
  const samples = concat([sample, sample]);
  const mask = notEqual(expandDims(samples, 1), expandDims(samples, 0));
  const partners = concat([slice(z, { starts: [n] }), slice(z, { ends: [n] })]);
  const positive = div(sum(mul(z, partners), { axis: 1 }), temperature);
  return reduceLoss(name, surprise(positive, logSumExp(scores, { mask })), reduction);
}
