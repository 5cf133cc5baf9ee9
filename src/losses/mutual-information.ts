/**
 * @file Losses that raise the mutual information of two representations of a sample.
 *
 * Hjelm et al.: "Learning deep representations by mutual information estimation and maximization" (Deep InfoMax), ICLR
 * 2019, for the estimators; Belghazi et al.: "Mutual information neural estimation", ICML 2018, for dv.
 */
import { group } from '../autograd/context.js';
import { arange } from '../autograd/create.js';
import { asPair } from '../autograd/elementwise.js';
import { checkTensors } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkChoice, describe, type Read, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { softplus } from '../ops/activation.js';
import { add, div, neg, sub } from '../ops/arithmetic.js';
import { equal, minimum, where } from '../ops/comparison.js';
import { normalize as toUnitLength } from '../ops/distance.js';
import { broadcastTo, expandDims, reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { logSumExp, mean, sum } from '../ops/reduce.js';
import { shapeError } from '../shape.js';
import { asTemperature, checkRows, type Reduction, reduceLoss } from './arguments.js';
import { inBatch, surprise } from './info-nce.js';

const name = 'mutualInformationLoss';

/** Options of {@link mutualInformationLoss}. */
export interface MutualInformationOptions {
  /**
   * `'infoNCE'` (default), the Jensen-Shannon estimator `'jsd'`, or that of Donsker and Varadhan, `'dv'`.
   */
  readonly estimator?: 'infoNCE' | 'jsd' | 'dv';
  /** Divides the scores: a positive number, or a scalar tensor to be learned. Default 1. */
  readonly temperature?: number | Tensor;
  /** Whether rows are brought to length 1 first. Default false. */
  readonly normalize?: boolean;
  /**
   * Whether to average with the loss of the other direction, which picks the row for each column; `[N, D]` locals only.
   * `jsd` and `dv` are the same both ways. Default false.
   */
  readonly symmetric?: boolean;
  /** Default `'mean'`, the only one of `jsd` and `dv`. */
  readonly reduction?: Reduction;
}

/**
 * The mutual-information loss: each local representation should pick its own sample's global one.
 *
 * $L = -\frac1N\sum_i\log\frac{\exp(l_i\cdot g_i)}{\sum_j\exp(l_i\cdot g_j)}$ for `infoNCE`; over the scores T₊ of own and T₋
 * of other globals, sp being softplus, `jsd` is mean sp(-T₊) + mean sp(T₋), and `dv` is -(mean T₊ - log mean exp T₋).
 *
 * @param local - `[N, D]`, or `[N, L, D]` for L places of each sample, each scored against every global.
 * @param global - `[N, D]`.
 * @param options - `estimator`, `temperature`, whether to normalise and to go both ways, and the reduction.
 * @returns A scalar; with `reduction: 'none'` `[N]` or `[N, L]`. At full collapse log N, for `jsd` 2 log 2 (zero scores),
 *   for `dv` 0.
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when there are fewer than 2 samples, or the temperature is not positive.
 *
 * @example
 * ```ts
 * import { mutualInformationLoss, zeros } from 'contragrad';
 *
 * const same = zeros([4, 2]);
 * const loss = mutualInformationLoss(same, same);
 * console.log(loss.item().toFixed(4)); // 1.3863
 * ```
 */
export function mutualInformationLoss(local: Tensor, global: Tensor, options?: MutualInformationOptions): Tensor {
  const read = readMutualInformation(options);
  const { temperature: given = 1, normalize } = read;
  checkLocals(local, global);
  const temperature = asTemperature(name, given);
  const [n, d] = global.shape as [number, number];
  const flat = reshape(local, [local.size / d, d]);
  const [l, g] = normalize ? group('normalize', () => [toUnitLength(flat), toUnitLength(global)]) : [flat, global];
  const scores = group('scores', () => matmul(div(l!, temperature), g!, { transposeB: true }));
  return lossOfScores(reshape(scores, [...local.shape.slice(0, -1), n]), read);
}

const DEFAULTS = {
  estimator: 'infoNCE',
  temperature: undefined,
  normalize: false,
  symmetric: false,
  reduction: 'mean',
} as const;

/** Reads the options of {@link mutualInformationLoss}. */
export function readMutualInformation(
  options?: MutualInformationOptions,
): Read<MutualInformationOptions, typeof DEFAULTS> {
  return readOptions(name, options, DEFAULTS);
}

/** {@link mutualInformationLoss} by the scores, `[N, N]` or `[N, L, N]`. */
export function lossOfScores(
  all: Tensor,
  { estimator, symmetric, reduction }: ReturnType<typeof readMutualInformation>,
): Tensor {
  checkChoice(name, 'estimator', estimator, ['infoNCE', 'jsd', 'dv']);
  const n = all.shape[0]!;
  const places = all.rank === 3 ? all.shape[1]! : 1;
  if (symmetric && places > 1) {
    throw new ArgumentError(name, `symmetric needs locals [N, D], got ${places} places a sample`);
  }
  const scores = reshape(all, [n * places, n]);
  if (estimator === 'infoNCE' && places === 1) {
    return reduceLoss(name, reshape(inBatch(scores, symmetric), all.shape.slice(0, -1)), reduction);
  }

  const samples = arange(n, { device: all.device });
  const own = reshape(broadcastTo(expandDims(samples, 1), [n, places]), [n * places]);
  const isOwn = equal(expandDims(own, 1), expandDims(samples, 0));
  const others = equal(isOwn, 0);
  const positive = sum(where(isOwn, scores, 0), { axis: 1 });
  if (estimator === 'infoNCE') {
    const losses = surprise(positive, logSumExp(scores, { mask: others }));
    return reduceLoss(name, reshape(losses, [n, places]), reduction);
  }
  if (reduction !== 'mean') {
    throw new ArgumentError(name, `${estimator} has only the reduction 'mean', got ${describe(reduction)}`);
  }
  const count = n * places * (n - 1);
  if (estimator === 'jsd') {
    const negative = div(sum(where(others, softplus(scores), 0)), count);
    return add(mean(softplus(neg(positive))), negative);
  }
  const negatives = logSumExp(reshape(scores, [-1]), { mask: reshape(others, [-1]) });
  return sub(sub(negatives, Math.log(count)), mean(positive));
}

function checkLocals(local: Tensor, global: Tensor): void {
  checkTensors(name, [local, global]);
  if (local.rank !== 3) {
    checkRows(name, [local, global], 2);
    return;
  }
  asPair(name, local, global);
  const [n, places, d] = local.shape as [number, number, number];
  if (global.rank !== 2 || global.shape[0] !== n || global.shape[1] !== d || places === 0) {
    throw shapeError(name, 'needs locals [N, D] or [N, L, D] and globals [N, D]', local.shape, global.shape);
  }
  if (n < 2) throw new ArgumentError(name, `needs at least 2 rows, got ${n}`);
}

/**
 * A lower bound of the mutual information, in nats: log N - L for `infoNCE`, which cannot exceed log N however much there
 * is; -L for `dv`, which on one batch is biased upwards, and no bound.
 *
 * @param local - As for {@link mutualInformationLoss}.
 * @param global - As for {@link mutualInformationLoss}.
 * @param options - As for {@link mutualInformationLoss}, without the reduction.
 * @returns A scalar.
 * @throws {@link ArgumentError} for `jsd`, which estimates no mutual information in nats.
 */
export function mutualInformationBound(
  local: Tensor,
  global: Tensor,
  options?: Omit<MutualInformationOptions, 'reduction'>,
): Tensor {
  const { estimator } = readMutualInformation(options);
  if (estimator === 'jsd') {
    throw new ArgumentError('mutualInformationBound', 'jsd gives no nats', "use 'infoNCE' or 'dv'");
  }
  const loss = mutualInformationLoss(local, global, options);
  if (estimator === 'dv') return neg(loss);
  const ceiling = Math.log(global.shape[0]!);
  return minimum(sub(ceiling, loss), ceiling);
}
