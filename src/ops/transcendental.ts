/**
 * @file Exponentials, logarithms, roots, and the smooth activations made of them.
 */
import { checkFloat } from '../autograd/elementwise.js';
import type { Single } from '../autograd/linear.js';
import { defineOp, launch, type Op } from '../autograd/op.js';
import type { PullBack, Tensor } from '../autograd/tensor.js';
import type { MapOp } from '../devices/device.js';
import { add, div, mul, square, sub } from './arithmetic.js';
import { greater, where } from './comparison.js';

function unary(
  name: string,
  kernel: MapOp,
  formula: string,
  localDerivative: string,
  pullBack: PullBack<Single, undefined>,
): Op<Single, undefined> {
  return defineOp<Single>({
    name,
    formula,
    localDerivative: [localDerivative],
    forward([x]) {
      checkFloat(name, x);
      return launch(name, 'map', [x], { op: kernel, size: x.size }, x);
    },
    pullBack: [pullBack],
  });
}

/** The rule of {@link exp}. */
export const expOp: Op<Single, undefined> = unary(
  'exp',
  'exp',
  'y = e^x',
  String.raw`\bar x \mathrel{+}= y \odot \bar y`,
  (g, { out }) => mul(g, out),
);

/** The exponential: $y = e^x$. */
export function exp(x: Tensor): Tensor {
  return expOp([x]);
}

/** The rule of {@link expm1}. */
export const expm1Op: Op<Single, undefined> = unary(
  'expm1',
  'expm1',
  'y = e^x - 1',
  String.raw`\bar x \mathrel{+}= (y + 1) \odot \bar y`,
  (g, { out }) => mul(g, add(out, 1)),
);

/** The exponential less one, exact near 0: $y = e^x - 1$. */
export function expm1(x: Tensor): Tensor {
  return expm1Op([x]);
}

/** The rule of {@link log}. */
export const logOp: Op<Single, undefined> = unary(
  'log',
  'log',
  String.raw`y = \ln x`,
  String.raw`\bar x \mathrel{+}= \bar y \oslash x`,
  (g, { inputs: [x] }) => div(g, x),
);

/** The natural logarithm: $y = \ln x$; NaN below 0. */
export function log(x: Tensor): Tensor {
  return logOp([x]);
}

/** The rule of {@link sqrt}. */
export const sqrtOp: Op<Single, undefined> = unary(
  'sqrt',
  'sqrt',
  String.raw`y = \sqrt x`,
  String.raw`\bar x \mathrel{+}= \bar y \oslash 2y`,
  (g, { out }) => div(g, mul(out, 2)),
);

/** The square root: $y = \sqrt x$. As in PyTorch its gradient at 0 is infinite; see {@link safeSqrt}. */
export function sqrt(x: Tensor): Tensor {
  return sqrtOp([x]);
}

/** The rule of {@link safeSqrt}: a primitive of its own because of the gradient at 0. */
export const safeSqrtOp: Op<Single, undefined> = unary(
  'safeSqrt',
  'sqrt',
  String.raw`y = \sqrt x`,
  String.raw`\bar x \mathrel{+}= \begin{cases}\bar y \oslash 2y & x > 0\\ 0 & x = 0\end{cases}`,
  (g, { inputs: [x], out }) => {
    const positive = greater(x, 0);
    return where(positive, div(g, mul(where(positive, out, 1), 2)), 0);
  },
);

/**
 * The square root whose gradient at 0 is 0, of every order: what a distance between coincident points needs.
 */
export function safeSqrt(x: Tensor): Tensor {
  return safeSqrtOp([x]);
}

/** The rule of {@link sigmoid}. */
export const sigmoidOp: Op<Single, undefined> = unary(
  'sigmoid',
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
  'softplus',
  String.raw`y = \ln(1 + e^x)`,
  String.raw`\bar x \mathrel{+}= \sigma(x) \odot \bar y`,
  (g, { inputs: [x] }) => mul(g, sigmoid(x)),
);

/** The smooth positive part: $y = \ln(1 + e^x)$, without overflow. */
export function softplus(x: Tensor): Tensor {
  return softplusOp([x]);
}
