/**
 * @file Comparisons, choices made by them, and the operations that have a kink: no gradient flows into a condition.
 */
import { asPair, binary, checkSameDType, type Operand, type Pair, unary } from '../autograd/elementwise.js';
import type { Single } from '../autograd/linear.js';
import { checkTensor, defineOp, launch, type Op, requireValues } from '../autograd/op.js';
import { nonDifferentiable, type Tensor } from '../autograd/tensor.js';
import { checkKind, readOptions } from '../checks.js';
import { type ComparisonOp, checkHeld } from '../devices/device.js';
import { checkDType, type DType, isFloat } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { broadcastShapes, broadcastStrides } from '../shape.js';
import { mul } from './arithmetic.js';

function comparison(name: ComparisonOp, sign: string): Op<Pair, undefined> {
  return binary(name, {
    kernel: name,
    formula: `c = [a ${sign} b]`,
    localDerivative: ['0', '0'],
    pullBack: [nonDifferentiable, nonDifferentiable],
  });
}

/** The rule of {@link greater}. */
export const greaterOp: Op<Pair, undefined> = comparison('greater', '>');
/** The rule of {@link greaterEqual}. */
export const greaterEqualOp: Op<Pair, undefined> = comparison('greaterEqual', String.raw`\ge`);
/** The rule of {@link less}. */
export const lessOp: Op<Pair, undefined> = comparison('less', '<');
/** The rule of {@link lessEqual}. */
export const lessEqualOp: Op<Pair, undefined> = comparison('lessEqual', String.raw`\le`);
/** The rule of {@link equal}. */
export const equalOp: Op<Pair, undefined> = comparison('equal', '=');
/** The rule of {@link notEqual}. */
export const notEqualOp: Op<Pair, undefined> = comparison('notEqual', String.raw`\ne`);

/** 1 where `a > b`, else 0, as `int32`, with broadcasting. */
export function greater(a: Operand, b: Operand): Tensor {
  return greaterOp(asPair('greater', a, b));
}

/** 1 where `a >= b`, else 0, as `int32`, with broadcasting. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return greaterEqualOp(asPair('greaterEqual', a, b));
}

/** 1 where `a < b`, else 0, as `int32`, with broadcasting. */
export function less(a: Operand, b: Operand): Tensor {
  return lessOp(asPair('less', a, b));
}

/** 1 where `a <= b`, else 0, as `int32`, with broadcasting. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return lessEqualOp(asPair('lessEqual', a, b));
}

/** 1 where `a = b`, else 0, as `int32`, with broadcasting. */
export function equal(a: Operand, b: Operand): Tensor {
  return equalOp(asPair('equal', a, b));
}

/** 1 where `a` and `b` differ, else 0, as `int32`, with broadcasting. */
export function notEqual(a: Operand, b: Operand): Tensor {
  return notEqualOp(asPair('notEqual', a, b));
}

type Choice = readonly [Tensor, Tensor, Tensor];

/** The rule of {@link where}. */
export const whereOp: Op<Choice, undefined> = defineOp<Choice>({
  name: 'where',
  formula: String.raw`y = c\,?\,a : b`,
  localDerivative: [
    '0',
    String.raw`\bar a \mathrel{+}= [c] \odot \bar y`,
    String.raw`\bar b \mathrel{+}= [\lnot c] \odot \bar y`,
  ],
  broadcasts: true,
  forward([condition, a, b]) {
    const shape = broadcastShapes('where', broadcastShapes('where', condition.shape, a.shape), b.shape);
    const strides = [condition, a, b].map((x) => broadcastStrides(x.shape, shape));
    const spec = { shape, strides: [strides[0]!, strides[1]!, strides[2]!] as const };
    return launch('where', 'where', [condition, a, b], spec, { shape, dtype: a.dtype });
  },
  pullBack: [
    nonDifferentiable,
    (g, { inputs: [condition] }) => where(condition, g, 0),
    (g, { inputs: [condition] }) => where(condition, 0, g),
  ],
});

/**
 * The element of `a` where the condition is not 0, of `b` elsewhere, with broadcasting.
 *
 * The value takes nothing from the one not chosen, even if that is NaN. The gradient may: a 0 flows back to it, and 0 times an
 * infinite derivative is NaN. So keep the input, too, where the function is smooth: the double `where`.
 *
 * @param condition - `int32`, as comparisons give it.
 * @param a - A tensor or a number.
 * @param b - A tensor or a number.
 * @throws {@link DTypeError} when the condition is not `int32`, or `a` and `b` differ in type.
 *
 * @example
 * ```ts
 * import { tensor, where } from 'contragrad';
 *
 * const x = tensor([0, 4], { requiresGrad: true });
 * const positive = x.greater(0);
 * where(positive, x.sqrt(), 0).sum().backward();
 * console.log(x.grad?.toArray()); // [ NaN, 0.25 ]
 *
 * x.grad = null;
 * const safe = where(positive, x, 1);
 * where(positive, safe.sqrt(), 0).sum().backward();
 * console.log(x.grad?.toArray()); // [ 0, 0.25 ]
 * ```
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkTensor('where', condition, 'the condition');
  if (condition.dtype !== 'int32') {
    throw new DTypeError('where', `the condition must be int32, got ${condition.dtype}`, 'use a comparison');
  }
  const pair = asPair('where', a, b);
  checkSameDType('where', pair);
  return whereOp([condition, ...pair]);
}

/** The rule of {@link cast}. */
export const castOp: Op<Single, DType> = defineOp<Single, DType>({
  name: 'cast',
  formula: 'y = x',
  localDerivative: [String.raw`\bar x \mathrel{+}= \bar y`],
  forward: ([x], dtype) => launch('cast', 'cast', [x], { dtype, size: x.size }, { shape: x.shape, dtype }),
  pullBack: [(g, { inputs: [x] }) => cast(g, x.dtype)],
});

/**
 * The same numbers as another type; towards `int32` the fraction is dropped, and gradients end there.
 *
 * @throws {@link DTypeError} when there is no such type, or the device does not hold it; and where `int32` does not hold a
 *   number: NaN, infinities, and those from 2³¹ on (PyTorch leaves undefined what they become).
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensor('cast', x);
  checkDType('cast', dtype);
  checkHeld('cast', x.device, dtype);
  if (x.dtype === dtype) return x;
  if (!isFloat(dtype) && x.device.wraps !== false) {
    // The last numbers of double precision whose whole part int32 holds.
    const range = { test: 'between', low: 2 ** -21 - 1 - 2 ** 31, high: 2 ** 31 - 2 ** -22 } as const;
    requireValues(x, range, (value, at) => new DTypeError('cast', `${value} is no int32 at element ${at}`));
  }
  return castOp([isFloat(dtype) ? x : x.detach()], dtype);
}

/** Where two operands tie, each gets half of the gradient, and where one is NaN, each gets all of it, as in PyTorch. */
function share(g: Tensor, mine: Tensor, other: Tensor, loses: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const half = mul(g, 0.5);
  return where(equal(mine, other), half, where(loses(mine, other), 0, g));
}

/** The rule of {@link maximum}. */
export const maximumOp: Op<Pair, undefined> = binary('maximum', {
  kernel: 'maximum',
  formula: String.raw`c = \max(a, b)`,
  localDerivative: [
    String.raw`\bar a \mathrel{+}= ([a > b] + \tfrac12 [a = b]) \odot \bar c`,
    String.raw`\bar b \mathrel{+}= ([b > a] + \tfrac12 [a = b]) \odot \bar c`,
  ],
  pullBack: [(g, { inputs: [a, b] }) => share(g, a, b, less), (g, { inputs: [a, b] }) => share(g, b, a, less)],
});

/** The larger of two elements, with broadcasting; NaN where one is. Where they tie, each gets half of the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return maximumOp(asPair('maximum', a, b));
}

/** The rule of {@link minimum}. */
export const minimumOp: Op<Pair, undefined> = binary('minimum', {
  kernel: 'minimum',
  formula: String.raw`c = \min(a, b)`,
  localDerivative: [
    String.raw`\bar a \mathrel{+}= ([a < b] + \tfrac12 [a = b]) \odot \bar c`,
    String.raw`\bar b \mathrel{+}= ([b < a] + \tfrac12 [a = b]) \odot \bar c`,
  ],
  pullBack: [(g, { inputs: [a, b] }) => share(g, a, b, greater), (g, { inputs: [a, b] }) => share(g, b, a, greater)],
});

/** The smaller of two elements, with broadcasting; NaN where one is. Where they tie, each gets half of the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return minimumOp(asPair('minimum', a, b));
}

/** The rule of {@link sign}. */
export const signOp: Op<Single, undefined> = unary(
  'sign',
  String.raw`y = \operatorname{sign} x`,
  '0',
  nonDifferentiable,
);

/** 1, 0 or -1, as the element is positive, 0 or negative; 0 for NaN, as in PyTorch. No gradient flows through it. */
export function sign(x: Tensor): Tensor {
  return signOp([x]);
}

/** The rule of {@link abs}. */
export const absOp: Op<Single, undefined> = unary(
  'abs',
  'y = |x|',
  String.raw`\bar x \mathrel{+}= \operatorname{sign}(x) \odot \bar y`,
  (g, { inputs: [x] }) => mul(g, sign(x)),
);

/**
 * The absolute value of every element: $y = |x|$; of `int32` modulo 2³²: that of -2³¹ is itself. The gradient at 0 is 0, and so it is at NaN, as in
 * PyTorch.
 */
export function abs(x: Tensor): Tensor {
  return absOp([x]);
}

/** The bounds of {@link clamp}. */
export interface ClampOptions {
  /** Default: none. */
  readonly min?: number;
  /** Default: none. */
  readonly max?: number;
}

/**
 * Every element brought into a range: $y = \min(\max(x, \text{min}), \text{max})$.
 *
 * The gradient is 1 within the range and on its bounds, 0 outside and at NaN, as in PyTorch.
 *
 * @throws {@link ArgumentError} when neither bound is given, or min exceeds max.
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  checkTensor('clamp', x);
  const { min, max } = readOptions('clamp', options, { min: undefined, max: undefined });
  for (const [name, bound] of Object.entries({ min, max }))
    if (bound !== undefined) checkKind('clamp', name, bound, 'number');
  if (min === undefined && max === undefined) throw new ArgumentError('clamp', 'needs min or max, got neither');
  if (min !== undefined && max !== undefined && !(min <= max)) {
    throw new ArgumentError('clamp', `min must not exceed max, got ${min} and ${max}`);
  }
  // NaN is within no range: it goes on as a value without a gradient.
  const raised = min === undefined ? x : where(greaterEqual(x, min), x, maximum(x.detach(), min));
  return max === undefined ? raised : where(lessEqual(raised, max), raised, minimum(raised.detach(), max));
}
