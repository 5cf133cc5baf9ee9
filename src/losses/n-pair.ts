/**
 * @file The N-pair loss.
 *
 * Sohn: "Improved deep metric learning with multi-class N-pair loss objective", NIPS 2016, equation 7 and section 3.2.2.
 */
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, readOptions } from '../checks.js';
import { add, mul, square } from '../ops/arithmetic.js';
import { mean, sum } from '../ops/reduce.js';
import { mutualInformationLoss } from './mutual-information.js';

/** Options of {@link nPairLoss}. */
export interface NPairOptions {
  /** The weight λ of the rows' squared lengths, which nothing else bounds. Default 0.002. */
  readonly l2?: number;
}

/**
 * The N-pair loss: each anchor should score higher with its own positive than with those of the other classes.
 *
 * $L = \frac1N\sum_i \log\big(1 + \sum_{j \ne i} \exp(a_i\cdot p_j - a_i\cdot p_i)\big) + \frac{\lambda}{4N}\sum_i (\lVert a_i\rVert^2 + \lVert p_i\rVert^2)$
 *
 * @param anchor - One row of each of N classes, `[N, D]`.
 * @param positive - Another row of each, `[N, D]`.
 * @param options - `l2`, the weight λ of the lengths.
 * @returns A scalar. At full collapse log N and the term of the lengths.
 * @throws {@link ShapeError} when the shapes differ.
 * @throws {@link ArgumentError} when there are fewer than 2 rows, or λ is negative.
 */
export function nPairLoss(anchor: Tensor, positive: Tensor, options?: NPairOptions): Tensor {
  const { l2 } = readOptions('nPairLoss', options, { l2: 0.002 });
  checkRange('nPairLoss', 'l2', l2);
  const scores = mutualInformationLoss(anchor, positive);
  const length = (x: Tensor): Tensor => mean(sum(square(x), { axis: 1 }));
  return add(scores, mul(add(length(anchor), length(positive)), l2 / 4));
}
