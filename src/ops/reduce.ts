/**
 * @file Reductions over axes, and the row-wise log-sum-exp with its gradient, softmax.
 */
import { checkFloat } from '../autograd/elementwise.js';
import { type ReduceOptions, sum } from '../autograd/linear.js';
import { defineOp, launch, type Op } from '../autograd/op.js';
import { nonDifferentiable, type Tensor } from '../autograd/tensor.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { formatShape, normalizeAxes, normalizeAxis, sizeOf } from '../shape.js';
import { div, mul, sub } from './arithmetic.js';
import { broadcastTo, expandDims, transpose } from './layout.js';

export type { ReduceOptions } from '../autograd/linear.js';
export { sum };

/**
 * The mean over axes: $y = \frac1n \sum_i x_i$.
 *
 * @throws {@link ArgumentError} over no elements.
 * @throws {@link ShapeError} when an axis is out of range.
 * @throws {@link DTypeError} on `int32`.
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkFloat('mean', x);
  const count = sizeOf(normalizeAxes('mean', options.axis, x.rank).map((axis) => x.shape[axis]!));
  if (count === 0)
    throw new ArgumentError('mean', `needs at least one element, got shape ${formatShape(x.shape)}`);
  return div(sum(x, options), count);
}

/** What {@link logSumExp} and {@link softmax} run over. */
export interface RowOptions {
  /** The axis to run over. Default: the last. */
  readonly axis?: number;
  /** `int32`, broadcast to the tensor: 1 keeps an element, 0 leaves it out exactly. */
  readonly mask?: Tensor;
}

type Rows = readonly [Tensor] | readonly [Tensor, Tensor];

function rowsOf(x: Tensor): { rows: number; columns: number } {
  return { rows: sizeOf(x.shape.slice(0, -1)), columns: x.shape.at(-1)! };
}

/** The rule of {@link logSumExp}, over the last axis: a primitive because exponentials overflow. */
export const logSumExpOp: Op<Rows, null> = defineOp<Rows, null>({
  name: 'logSumExp',
  formula: String.raw`y = \ln \sum_j m_j e^{x_j}`,
  localDerivative: String.raw`\bar x \mathrel{+}= \operatorname{softmax}_m(x)\,\bar y`,
  forward: (inputs, _) =>
    launch(
      'logSumExp',
      'logSumExp',
      inputs,
      { ...rowsOf(inputs[0]), masked: inputs.length > 1 },
      {
        shape: inputs[0].shape.slice(0, -1),
        dtype: inputs[0].dtype,
        empty: Number.NEGATIVE_INFINITY,
      },
    ),
  pullBack: [
    (g: Tensor, { inputs }: { inputs: Rows }) => mul(softmaxOp(inputs, null), expandDims(g, -1)),
    nonDifferentiable,
  ],
});

/** The rule of {@link softmax}, over the last axis: the gradient of log-sum-exp, hence a primitive too. */
export const softmaxOp: Op<Rows, null> = defineOp<Rows, null>({
  name: 'softmax',
  formula: String.raw`y_i = m_i e^{x_i} / \sum_j m_j e^{x_j}`,
  localDerivative: String.raw`\bar x \mathrel{+}= y \odot (\bar y - \langle \bar y, y \rangle)`,
  forward: (inputs, _) =>
    launch('softmax', 'softmax', inputs, { ...rowsOf(inputs[0]), masked: inputs.length > 1 }, inputs[0]),
  pullBack: [
    (g: Tensor, { out }: { out: Tensor }) => mul(out, sub(g, sum(mul(g, out), { axis: -1, keepDims: true }))),
    nonDifferentiable,
  ],
});

/** Brings the axis to the end, and the mask to the tensor's shape. */
function rowInputs(op: string, x: Tensor, { axis = -1, mask }: RowOptions): { inputs: Rows; axis: number } {
  checkFloat(op, x);
  const at = normalizeAxis(op, axis, x.rank);
  const last = (t: Tensor): Tensor => (at === t.rank - 1 ? t : transpose(t, { axes: [at, -1] }));
  if (mask === undefined) return { inputs: [last(x)], axis: at };
  if (mask.dtype !== 'int32')
    throw new DTypeError(op, `the mask must be int32, got ${mask.dtype}`, 'use a comparison');
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
export function logSumExp(x: Tensor, options: RowOptions = {}): Tensor {
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
export function softmax(x: Tensor, options: RowOptions = {}): Tensor {
  const { inputs, axis } = rowInputs('softmax', x, options);
  const result = softmaxOp(inputs, null);
  return axis === x.rank - 1 ? result : transpose(result, { axes: [axis, -1] });
}
