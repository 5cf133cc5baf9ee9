/**
 * @file Reductions over axes, and the row-wise log-sum-exp with its gradient, softmax.
 */
import { checkFloat } from '../autograd/elementwise.js';
import {
  sum as count,
  REDUCE,
  type ReduceOptions,
  type Reduction,
  readReduction,
  reduceAxes,
  type Single,
  sumOp,
} from '../autograd/linear.js';
import { checkTensor, defineOp, launch, type Op, requireValues } from '../autograd/op.js';
import { nonDifferentiable, type Tensor } from '../autograd/tensor.js';
import { readOptions } from '../checks.js';
import type { KernelSpecs } from '../devices/device.js';
import { isFloat } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { formatShape, normalizeAxes, normalizeAxis, reducedShape, sizeOf } from '../shape.js';
import { div, mul, neg, square, sub } from './arithmetic.js';
import { abs, cast, equal, notEqual, where } from './comparison.js';
import { broadcastTo, expandDims, reshape, transpose } from './layout.js';
import { pow, safeSqrt } from './transcendental.js';

export type { ReduceOptions } from '../autograd/linear.js';

/**
 * The sum over axes: $y = \sum_i x_i$. Over an empty axis it is 0.
 *
 * @throws {@link ShapeError} when an axis is out of range.
 * @throws {@link DTypeError} when a sum of `int32` does not fit into `int32` (PyTorch makes an `int64` of it).
 */
export function sum(x: Tensor, options?: ReduceOptions): Tensor {
  const out = count(x, options);
  if (isFloat(x.dtype) || x.device.wraps === false) return out;
  // What it lacks is a multiple of 2³². Floats tell that from 0 while fewer than 2²⁵ elements are rounded by up to 64 each.
  const lacks = sub(cast(out, 'float32'), count(cast(x, 'float32'), options));
  const fail = (): DTypeError => new DTypeError('sum', 'a sum does not fit into int32', "use cast(x, 'float32')");
  requireValues(lacks, { test: 'between', low: -(2 ** 31), high: 2 ** 31 }, fail);
  return out;
}

/**
 * The mean over axes: $y = \frac1n \sum_i x_i$.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when an axis is out of range.
 * @throws {@link DTypeError} on `int32`.
 */
export function mean(x: Tensor, options?: ReduceOptions): Tensor {
  checkFloat('mean', x);
  const reduction = readReduction('mean', x, options);
  const count = sizeOf(reduction.axes.map((axis) => x.shape[axis]!));
  if (count === 0) throw new ArgumentError('mean', `needs at least one element, got shape ${formatShape(x.shape)}`);
  return div(sumOp([x], reduction), count);
}

/** Options of {@link variance}. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements in the divisor. Default 1, as in PyTorch. */
  readonly correction?: number;
}

/**
 * The variance over axes: $y = \frac{1}{n - c} \sum_i (x_i - \bar x)^2$.
 *
 * @throws {@link ArgumentError} unless there are more elements than the correction.
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function variance(x: Tensor, options?: VarianceOptions): Tensor {
  const { axis, keepDims, correction } = readOptions('variance', options, { ...REDUCE, correction: 1 });
  checkFloat('variance', x);
  const axes = normalizeAxes('variance', axis, x.rank);
  const count = sizeOf(axes.map((i) => x.shape[i]!));
  if (!(count > correction)) {
    throw new ArgumentError('variance', `needs at least ${correction + 1} elements, got ${count}`);
  }
  const centred = sub(x, mean(x, { axis: axes, keepDims: true }));
  return div(sum(square(centred), { axis: axes, keepDims }), count - correction);
}

/** The rule of {@link max}. */
export const maxOp: Op<Single, Reduction> = defineOp<Single, Reduction>({
  name: 'max',
  formula: String.raw`y = \max_i x_i`,
  localDerivative: [String.raw`\bar x_i \mathrel{+}= \frac{[x_i = y]}{\sum_j [x_j = y]} \bar y`],
  forward: ([x], reduction) => reduceAxes('max', x, reduction),
  pullBack: [
    (g, { inputs: [x], out, attributes: { axes } }) => {
      const stretched = (y: Tensor): Tensor => broadcastTo(reshape(y, reducedShape(x.shape, axes, true)), x.shape);
      // Where the largest is NaN, the NaN among the elements share.
      const hit = cast(where(equal(x, stretched(out)), 1, notEqual(x, x)), x.dtype);
      return mul(stretched(g), div(hit, sum(hit, { axis: axes, keepDims: true })));
    },
  ],
});

/**
 * The largest element over axes; NaN where one is. Elements that tie share the gradient, and so do NaN.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function max(x: Tensor, options?: ReduceOptions): Tensor {
  return maxOp([x], checkSome('max', x, options));
}

/**
 * The smallest element over axes: $y = -\max(-x)$; NaN where one is. Elements that tie share the gradient, and so do NaN.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function min(x: Tensor, options?: ReduceOptions): Tensor {
  checkSome('min', x, options);
  return reversed(max(reversed(x), options));
}

/** -x; of `int32`, whose least number has no negative, -1 - x. Either turns the order around, and undoes itself. */
function reversed(x: Tensor): Tensor {
  return isFloat(x.dtype) || x.device.wraps === false ? neg(x) : sub(-1, x);
}

/** A reduction that has no value where there is no element. */
function checkSome(op: string, x: Tensor, options: ReduceOptions | undefined): Reduction {
  const reduction = readReduction(op, x, options);
  if (reduction.axes.some((axis) => x.shape[axis] === 0)) {
    throw new ArgumentError(op, `needs at least one element, got shape ${formatShape(x.shape)}`);
  }
  return reduction;
}

/** The rule of {@link argmax}. */
export const argmaxOp: Op<Single, Reduction> = defineOp<Single, Reduction>({
  name: 'argmax',
  formula: String.raw`y = \operatorname{arg\,max}_i x_i`,
  localDerivative: ['0'],
  forward: ([x], reduction) => reduceAxes('argMax', x, reduction),
  pullBack: [nonDifferentiable],
});

/** The axis of {@link argmax} and {@link argmin}. */
export interface ArgOptions {
  /** Default: none, and the index counts the elements of the whole tensor. */
  readonly axis?: number;
  /** Whether the axis stays, with size 1. Default false. */
  readonly keepDims?: boolean;
}

/**
 * The index of the first largest element along an axis, as `int32`; NaN counts as the largest.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when the axis is out of range.
 */
export function argmax(x: Tensor, options?: ArgOptions): Tensor {
  const reduction = checkSome('argmax', x, options);
  if (options?.axis !== undefined) normalizeAxis('argmax', options.axis, x.rank);
  return x.rank === 0 ? reshape(argmax(reshape(x, [1])), []) : argmaxOp([x], reduction);
}

/**
 * The index of the first smallest element along an axis, as `int32`; NaN counts as the smallest.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when the axis is out of range.
 */
export function argmin(x: Tensor, options?: ArgOptions): Tensor {
  if (checkSome('argmin', x, options) && options?.axis !== undefined) normalizeAxis('argmin', options.axis, x.rank);
  return argmax(reversed(x), options);
}

/** Options of {@link norm}. */
export interface NormOptions extends ReduceOptions {
  /** The power; `Infinity` for the largest absolute value. Default 2. */
  readonly p?: number;
}

/**
 * The p-norm over axes: $y = (\sum_i |x_i|^p)^{1/p}$. The gradient at 0 is 0.
 *
 * @throws {@link ArgumentError} unless p is 1 or more.
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function norm(x: Tensor, options?: NormOptions): Tensor {
  const { p, axis, keepDims } = readOptions('norm', options, { ...REDUCE, p: 2 });
  checkFloat('norm', x);
  const axes = { axis: normalizeAxes('norm', axis, x.rank), keepDims };
  if (!(p >= 1)) throw new ArgumentError('norm', `p must be 1 or more, got ${p}`);
  if (p === 2) return safeSqrt(sum(square(x), axes));
  const sizes = abs(x);
  if (p === 1) return sum(sizes, axes);
  if (p === Number.POSITIVE_INFINITY) return max(sizes, axes);
  const total = sum(pow(sizes, p), axes);
  const isZero = equal(total, 0);
  return where(isZero, 0, pow(where(isZero, 1, total), 1 / p));
}

/** What {@link logSumExp}, {@link logSoftmax} and {@link softmax} run over. */
export interface RowOptions {
  /** The axis to run over. Default: the last. */
  readonly axis?: number;
  /** `int32`, broadcast to the tensor: 1 keeps an element, 0 leaves it out exactly. */
  readonly mask?: Tensor;
}

const ROWS = { axis: -1, mask: undefined };

type Rows = readonly [Tensor] | readonly [Tensor, Tensor];

function rowsOf([{ shape }, ...masks]: Rows): KernelSpecs['logSumExp'] {
  return { rows: sizeOf(shape.slice(0, -1)), columns: shape.at(-1)!, masked: masks.length > 0 };
}

/** The rule of {@link logSumExp}, over the last axis: a primitive because exponentials overflow. */
export const logSumExpOp: Op<Rows, null> = defineOp<Rows, null>({
  name: 'logSumExp',
  formula: String.raw`y = \ln \sum_j m_j e^{x_j}`,
  localDerivative: String.raw`\bar x \mathrel{+}= \operatorname{softmax}_m(x)\,\bar y`,
  forward(inputs, _) {
    const { shape, dtype } = inputs[0];
    const result = { shape: shape.slice(0, -1), dtype, empty: Number.NEGATIVE_INFINITY };
    return launch('logSumExp', 'logSumExp', inputs, rowsOf(inputs), result);
  },
  pullBack: [
    (g: Tensor, { inputs }: { inputs: Rows }) => mul(softmaxOp(inputs, true), expandDims(g, -1)),
    nonDifferentiable,
  ],
});

/**
 * The rule of {@link softmax}, over the last axis: the gradient of log-sum-exp, hence a primitive too. The attribute tells that it is that: as in PyTorch,
 * Infinity then leaves the gradients of the other elements 0.
 */
export const softmaxOp: Op<Rows, boolean> = defineOp<Rows, boolean>({
  name: 'softmax',
  formula: String.raw`y_i = m_i e^{x_i} / \sum_j m_j e^{x_j}`,
  localDerivative: String.raw`\bar x \mathrel{+}= y \odot (\bar y - \langle \bar y, y \rangle)`,
  forward: (inputs, gradient) => launch('softmax', 'softmax', inputs, { ...rowsOf(inputs), gradient }, inputs[0]),
  pullBack: [
    (g: Tensor, { out, inputs: [, mask] }: { out: Tensor; inputs: Rows }) => {
      const gained = mul(out, sub(g, sum(mul(g, out), { axis: -1, keepDims: true })));
      // What is left out gains nothing of a row that is NaN.
      return mask === undefined ? gained : where(mask, gained, 0);
    },
    nonDifferentiable,
  ],
});

/** Brings the axis to the end, and the mask to the tensor's shape. */
function rowInputs(op: string, x: Tensor, options: RowOptions | undefined): { inputs: Rows; axis: number } {
  checkFloat(op, x);
  const { axis, mask } = readOptions(op, options, ROWS);
  const at = normalizeAxis(op, axis, x.rank);
  const last = (t: Tensor): Tensor => (at === t.rank - 1 ? t : transpose(t, { axes: [at, -1] }));
  if (mask === undefined) return { inputs: [last(x)], axis: at };
  checkTensor(op, mask, 'the mask');
  if (mask.dtype !== 'int32') throw new DTypeError(op, `the mask must be int32, got ${mask.dtype}`, 'use a comparison');
  return { inputs: [last(x), last(broadcastTo(mask, x.shape))], axis: at };
}

/**
 * The logarithm of a sum of exponentials along an axis, exact at any magnitude: $y = \ln \sum_j e^{x_j}$.
 *
 * Where the mask keeps nothing the value is -Infinity and the gradient 0.
 *
 * @returns The shape of `x` without the axis.
 * @throws {@link ShapeError} when the axis is out of range or the mask does not broadcast.
 */
export function logSumExp(x: Tensor, options?: RowOptions): Tensor {
  const { inputs, axis } = rowInputs('logSumExp', x, options);
  const result = logSumExpOp(inputs, null);
  // With the axis brought to the end, the former last axis stands in its place.
  return axis >= x.rank - 2 ? result : moveLast(result, axis);
}

/** Undoes, on the axes that remain, the swap of `axis` with the last: the one at `axis` goes to the end. */
function moveLast(x: Tensor, axis: number): Tensor {
  let result = x;
  for (let i = axis; i < x.rank - 1; i++) result = transpose(result, { axes: [i, i + 1] });
  return result;
}

/**
 * The exponentials along an axis over their sum: $y_i = e^{x_i} / \sum_j e^{x_j}$; 0 where the mask leaves out.
 *
 * @throws {@link ShapeError} when the axis is out of range or the mask does not broadcast.
 */
export function softmax(x: Tensor, options?: RowOptions): Tensor {
  const { inputs, axis } = rowInputs('softmax', x, options);
  const result = softmaxOp(inputs, false);
  return axis === x.rank - 1 ? result : transpose(result, { axes: [axis, -1] });
}

/**
 * The logarithm of the softmax along an axis, exact at any magnitude: $y_i = x_i - \ln \sum_j e^{x_j}$; -Infinity where
 * the mask leaves out, with gradient 0.
 *
 * @throws {@link ShapeError} when the axis is out of range or the mask does not broadcast.
 */
export function logSoftmax(x: Tensor, options?: RowOptions): Tensor {
  const { axis, mask } = readOptions('logSoftmax', options, ROWS);
  checkFloat('logSoftmax', x);
  const at = normalizeAxis('logSoftmax', axis, x.rank);
  if (x.shape[at] === 0) return x;
  const kept = mask === undefined ? x : where(equal(mask, 0), Number.NEGATIVE_INFINITY, x);
  // Any shift gives the same result; the largest element keeps the digits.
  const top = max(kept.detach(), { axis: at, keepDims: true });
  const shifted = sub(x, where(equal(top, Number.NEGATIVE_INFINITY), 0, top));
  const rows = mask === undefined ? { axis: at } : { axis: at, mask };
  const result = sub(shifted, expandDims(logSumExp(shifted, rows), at));
  return mask === undefined ? result : where(equal(mask, 0), Number.NEGATIVE_INFINITY, result);
}
