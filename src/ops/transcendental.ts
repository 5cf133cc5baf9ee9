/**
 * @file Exponentials, logarithms, powers and roots.
 */
import { asPair, binary, checkFloat, type Operand, type Pair, unary } from '../autograd/elementwise.js';
import type { Single } from '../autograd/linear.js';
import { defineOp, type Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { add, div, mul, neg, square, sub } from './arithmetic.js';
import { equal, greaterEqual, where } from './comparison.js';

/** The rule of {@link exp}. */
export const expOp: Op<Single, undefined> = unary(
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
  String.raw`y = \ln x`,
  String.raw`\bar x \mathrel{+}= \bar y \oslash x`,
  (g, { inputs: [x] }) => div(g, x),
);

/** The natural logarithm: $y = \ln x$; NaN below 0. */
export function log(x: Tensor): Tensor {
  return logOp([x]);
}

/** The rule of {@link log1p}: a primitive because 1 + x rounds. */
export const log1pOp: Op<Single, undefined> = unary(
  'log1p',
  String.raw`y = \ln(1 + x)`,
  String.raw`\bar x \mathrel{+}= \bar y \oslash (1 + x)`,
  (g, { inputs: [x] }) => div(g, add(x, 1)),
);

/** The natural logarithm of one more, exact near 0: $y = \ln(1 + x)$; NaN below -1. */
export function log1p(x: Tensor): Tensor {
  return log1pOp([x]);
}

/** The rule of {@link pow}. */
export const powOp: Op<Pair, undefined> = binary('pow', {
  kernel: 'pow',
  formula: 'c = a^b',
  localDerivative: [
    String.raw`\bar a \mathrel{+}= \bar c \odot b \odot a^{b - 1}`,
    String.raw`\bar b \mathrel{+}= \bar c \odot c \odot \ln a`,
  ],
  pullBack: [
    // Where b = 0 the product would be 0 times infinity at a = 0.
    (g, { inputs: [a, b] }) => mul(g, where(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))))),
    // 0 raised to the power 0 or more: the logarithm there counts for nothing, as in PyTorch.
    (g, { inputs: [a, b], out }) => mul(g, mul(out, log(where(where(equal(a, 0), greaterEqual(b, 0), 0), 1, a)))),
  ],
});

/**
 * A power of every element, with broadcasting: $c = a^b$. NaN where a negative base has a broken exponent; 1 to any power, any
 * number to the power 0, and -1 to an infinite power are 1, as in C and PyTorch (in JavaScript 1 to NaN or infinity is NaN).
 *
 * The gradients are 0 to `a` where b = 0, and to `b` where a = 0 and b is 0 or more.
 *
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link DTypeError} when the types differ, or are `int32`.
 */
export function pow(a: Operand, b: Operand): Tensor {
  const pair = asPair('pow', a, b);
  checkFloat('pow', pair[0]);
  return powOp(pair);
}

/** The reciprocal of every element: $y = 1 / x$. */
export function reciprocal(x: Tensor): Tensor {
  return div(1, x);
}

/** The rule of {@link erf}. */
export const erfOp: Op<Single, undefined> = unary(
  'erf',
  String.raw`y = \operatorname{erf} x = \tfrac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt`,
  String.raw`\bar x \mathrel{+}= \tfrac{2}{\sqrt\pi} e^{-x^2} \odot \bar y`,
  (g, { inputs: [x] }) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
);

/** The error function. */
export function erf(x: Tensor): Tensor {
  return erfOp([x]);
}

/** The rule of {@link sqrt}. */
export const sqrtOp: Op<Single, undefined> = unary(
  'sqrt',
  String.raw`y = \sqrt x`,
  String.raw`\bar x \mathrel{+}= \bar y \oslash (2y)`,
  (g, { out }) => div(g, mul(out, 2)),
);

/** The square root: $y = \sqrt x$. As in PyTorch its gradient at 0 is infinite; see {@link safeSqrt}. */
export function sqrt(x: Tensor): Tensor {
  return sqrtOp([x]);
}

/** The rule of {@link safeSqrt}: a primitive of its own because of the gradient at 0. */
export const safeSqrtOp: Op<Single, undefined> = defineOp<Single>({
  ...sqrtOp.rule,
  name: 'safeSqrt',
  localDerivative: [String.raw`\bar x \mathrel{+}= \begin{cases}\bar y \oslash (2y) & x \ne 0\\ 0 & x = 0\end{cases}`],
  pullBack: [
    (g, { inputs: [x], out }) => {
      const isZero = equal(x, 0);
      return where(isZero, 0, div(g, mul(where(isZero, 1, out), 2)));
    },
  ],
});

/**
 * The square root whose gradient at 0 is 0, of every order: what a distance between coincident points needs.
 */
export function safeSqrt(x: Tensor): Tensor {
  return safeSqrtOp([x]);
}
