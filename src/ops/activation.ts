/**
 * @file What stands between two layers.
 */

import { drawn } from '../autograd/create.js';
import { checkFloat, unary } from '../autograd/elementwise.js';
import type { Single } from '../autograd/linear.js';
import type { Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, readOptions } from '../checks.js';
import { Generator } from '../random.js';
import { add, mul, square, sub } from './arithmetic.js';
import { cast, greater, greaterEqual, lessEqual, where } from './comparison.js';
import { erf } from './transcendental.js';

/** The rule of {@link relu}. */
export const reluOp: Op<Single, undefined> = unary(
  'relu',
  String.raw`y = \max(x, 0)`,
  String.raw`\bar x \mathrel{+}= [x > 0] \odot \bar y`,
  // In this order the gradient of NaN goes on.
  (g, { inputs: [x] }) => where(lessEqual(x, 0), 0, g),
);

/** The positive part: $y = \max(x, 0)$; NaN stays NaN. The gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return reluOp([x]);
}

/**
 * The positive part, and a little of the negative: $y = x$ where $x > 0$, else $\alpha x$.
 *
 * @param x - Of any shape.
 * @param options - `slope`, the α; default 0.01.
 */
export function leakyRelu(x: Tensor, options?: { readonly slope?: number }): Tensor {
  const { slope } = readOptions('leakyRelu', options, { slope: 0.01 });
  checkFloat('leakyRelu', x);
  return where(greater(x, 0), x, mul(x, slope));
}

/** The Gaussian error linear unit in its exact form: $y = \tfrac12 x (1 + \operatorname{erf}(x / \sqrt2))$. */
export function gelu(x: Tensor): Tensor {
  checkFloat('gelu', x);
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** The rule of {@link sigmoid}. */
export const sigmoidOp: Op<Single, undefined> = unary(
  'sigmoid',
  'y = 1 / (1 + e^{-x})',
  String.raw`\bar x \mathrel{+}= y \odot (1 - y) \odot \bar y`,
  (g, { out }) => mul(g, mul(out, sub(1, out))),
);

/** The logistic function: $y = 1 / (1 + e^{-x})$, without overflow. */
export function sigmoid(x: Tensor): Tensor {
  return sigmoidOp([x]);
}

/** The rule of {@link tanh}. */
export const tanhOp: Op<Single, undefined> = unary(
  'tanh',
  String.raw`y = \tanh x`,
  String.raw`\bar x \mathrel{+}= (1 - y^2) \odot \bar y`,
  (g, { out }) => mul(g, sub(1, square(out))),
);

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return tanhOp([x]);
}

/** The rule of {@link softplus}: a primitive because log(1 + eˣ) overflows. */
export const softplusOp: Op<Single, undefined> = unary(
  'softplus',
  String.raw`y = \ln(1 + e^x)`,
  String.raw`\bar x \mathrel{+}= \sigma(x) \odot \bar y`,
  (g, { inputs: [x] }) => mul(g, sigmoid(x)),
);

/** The smooth positive part: $y = \ln(1 + e^x)$, without overflow. */
export function softplus(x: Tensor): Tensor {
  return softplusOp([x]);
}

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** The share of elements that become 0. Default 0.5. */
  readonly p?: number;
  /** Whether anything is dropped at all. Default true. */
  readonly training?: boolean;
  /** Where the choice comes from. Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
}

/**
 * Sets a random share of the elements to 0 and divides the others by what is left: $y = x \odot m / (1 - p)$.
 *
 * Srivastava et al.: "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
 *
 * @throws {@link ArgumentError} unless p is in [0, 1).
 */
export function dropout(x: Tensor, options?: DropoutOptions): Tensor {
  const { p, training, generator } = readOptions('dropout', options, { p: 0.5, training: true, generator: undefined });
  checkFloat('dropout', x);
  checkRange('dropout', 'p', p, 0, 1);
  if (generator !== undefined) Generator.check('dropout', generator);
  if (!training || p === 0) return x;
  const kept = greaterEqual(
    drawn('dropout', 'uniform', x.shape, { device: x.device, ...(generator && { generator }) }),
    p,
  );
  return mul(x, mul(cast(kept, x.dtype), 1 / (1 - p)));
}
