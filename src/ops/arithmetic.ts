/**
 * @file Arithmetic of one and two tensors, element by element.
 */
import { asPair, binary, checkFloat, type Operand, type Pair, unary } from '../autograd/elementwise.js';
import { add, type Single } from '../autograd/linear.js';
import type { Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';

export type { Operand } from '../autograd/elementwise.js';
export { add };

/** The rule of {@link sub}. */
export const subOp: Op<Pair, undefined> = binary('sub', {
  kernel: 'sub',
  formula: 'c = a - b',
  localDerivative: [String.raw`\bar a \mathrel{+}= \bar c`, String.raw`\bar b \mathrel{-}= \bar c`],
  pullBack: [(g) => g, (g) => neg(g)],
});

/**
 * The difference of two tensors, element by element, with broadcasting: $c = a - b$; of `int32` modulo 2³², as in PyTorch.
 *
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link DTypeError} when the types differ.
 */
export function sub(a: Operand, b: Operand): Tensor {
  return subOp(asPair('sub', a, b));
}

/** The rule of {@link mul}. */
export const mulOp: Op<Pair, undefined> = binary('mul', {
  kernel: 'mul',
  formula: String.raw`c = a \odot b`,
  localDerivative: [String.raw`\bar a \mathrel{+}= \bar c \odot b`, String.raw`\bar b \mathrel{+}= \bar c \odot a`],
  pullBack: [(g, { inputs: [, b] }) => mul(g, b), (g, { inputs: [a] }) => mul(g, a)],
});

/**
 * The product of two tensors, element by element, with broadcasting: $c = a \odot b$; of `int32` modulo 2³², as in PyTorch.
 *
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link DTypeError} when the types differ.
 */
export function mul(a: Operand, b: Operand): Tensor {
  return mulOp(asPair('mul', a, b));
}

/** The rule of {@link div}. */
export const divOp: Op<Pair, undefined> = binary('div', {
  kernel: 'div',
  formula: String.raw`c = a \oslash b`,
  localDerivative: [
    String.raw`\bar a \mathrel{+}= \bar c \oslash b`,
    String.raw`\bar b \mathrel{-}= \bar c \odot a \oslash b^2`,
  ],
  pullBack: [(g, { inputs: [, b] }) => div(g, b), (g, { inputs: [, b], out }) => neg(div(mul(g, out), b))],
});

/**
 * The quotient of two float tensors, element by element, with broadcasting: $c = a / b$.
 *
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link DTypeError} when the types differ, or are `int32`.
 */
export function div(a: Operand, b: Operand): Tensor {
  const pair = asPair('div', a, b);
  checkFloat('div', pair[0]);
  return divOp(pair);
}

/** The rule of {@link neg}. */
export const negOp: Op<Single, undefined> = unary('neg', 'y = -x', String.raw`\bar x \mathrel{-}= \bar y`, (g) =>
  neg(g),
);

/** The negative of every element: $y = -x$; of `int32` modulo 2³²: -2³¹ has none but itself. */
export function neg(x: Tensor): Tensor {
  return negOp([x]);
}

/** The rule of {@link square}. */
export const squareOp: Op<Single, undefined> = unary(
  'square',
  'y = x^2',
  String.raw`\bar x \mathrel{+}= 2x \odot \bar y`,
  (g, { inputs: [x] }) => mul(mul(g, x), 2),
);

/** The square of every element: $y = x^2$; of `int32` modulo 2³², as in PyTorch. */
export function square(x: Tensor): Tensor {
  return squareOp([x]);
}
