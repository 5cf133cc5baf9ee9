/**
 * @file The few operations that the engine itself needs: add, to accumulate; sum and broadcastTo, each the other's
 * pull-back, to undo broadcasting; reshape.
 */
import { readOptions } from '../checks.js';
import type { ReduceOp } from '../devices/device.js';
import { ShapeError } from '../errors.js';
import {
  type Axes,
  broadcastShapes,
  broadcastStrides,
  checkShape,
  formatShape,
  inferShape,
  normalizeAxes,
  reducedShape,
  type Shape,
  sameShape,
  sizeOf,
} from '../shape.js';
import { asPair, binary, type Operand, type Pair } from './elementwise.js';
import { checkTensor, defineOp, launch, type Op } from './op.js';
import { Tensor } from './tensor.js';

/** One input. */
export type Single = readonly [Tensor];

/** Which axes a reduction takes, and whether they stay as size 1. */
export interface ReduceOptions {
  /** One axis or several, negative from the end; all when omitted. */
  readonly axis?: Axes;
  /** Whether reduced axes stay, with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** The rule of {@link add}. */
export const addOp: Op<Pair, undefined> = binary('add', {
  kernel: 'add',
  formula: 'c = a + b',
  localDerivative: [String.raw`\bar a \mathrel{+}= \bar c`, String.raw`\bar b \mathrel{+}= \bar c`],
  pullBack: [(g) => g, (g) => g],
});

/**
 * The sum of two tensors, element by element, with broadcasting: $c = a + b$; of `int32` modulo 2³², as in PyTorch.
 *
 * @param a - A tensor or a number.
 * @param b - A tensor or a number.
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link DTypeError} when the types differ.
 */
export function add(a: Operand, b: Operand): Tensor {
  return addOp(asPair('add', a, b));
}

/** Reduces sorted axes in one kernel call for each run of neighbours. */
export function reduceAxes(op: ReduceOp, x: Tensor, { axes, keepDims }: Reduction): Tensor {
  const dtype = op === 'argMax' ? 'int32' : x.dtype;
  let shape = [...x.shape];
  let result = x;
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first]! - 1) first--;
    const [from, to] = [axes[first]!, axes[last]! + 1];
    const outer = sizeOf(shape.slice(0, from));
    const length = sizeOf(shape.slice(from, to));
    const inner = sizeOf(shape.slice(to));
    shape = shape.map((size, axis) => (axis >= from && axis < to ? 1 : size));
    result = launch(op, 'reduce', [result], { op, outer, length, inner }, { shape, dtype });
    last = first - 1;
  }
  return new Tensor({ storage: result.storage, shape: reducedShape(x.shape, axes, keepDims), device: x.device });
}

/** What a reduction reduces. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** The rule of {@link sum}. */
export const sumOp: Op<Single, Reduction> = defineOp<Single, Reduction>({
  name: 'sum',
  formula: String.raw`y = \sum_i x_i`,
  localDerivative: [String.raw`\bar x_i \mathrel{+}= \bar y`],
  forward: ([x], reduction) => reduceAxes('sum', x, reduction),
  pullBack: [
    (g, { inputs: [x], attributes }) => broadcastTo(reshape(g, reducedShape(x.shape, attributes.axes, true)), x.shape),
  ],
});

/** The sum over axes, of `int32` modulo 2³²: see the operation of this name, which asks whether it fits. */
export function sum(x: Tensor, options?: ReduceOptions): Tensor {
  return sumOp([x], readReduction('sum', x, options));
}

/** The defaults of {@link ReduceOptions}. */
export const REDUCE = { axis: undefined, keepDims: false } as const;

/** Which axes of a tensor a reduction takes, checked. */
export function readReduction(op: string, x: Tensor, options: ReduceOptions | undefined): Reduction {
  checkTensor(op, x);
  const { axis, keepDims } = readOptions(op, options, REDUCE);
  return { axes: normalizeAxes(op, axis, x.rank), keepDims };
}

/** The elements of `x` that strides lead to from an offset, in the order of `shape`; some may come more than once. */
export function strided(name: string, x: Tensor, shape: Shape, strides: Shape, offset = 0): Tensor {
  return launch(name, 'copyStrided', [x], { shape, strides, offset }, { shape, dtype: x.dtype });
}

/** The rule of {@link broadcastTo}. */
export const broadcastToOp: Op<Single, Shape> = defineOp<Single, Shape>({
  name: 'broadcastTo',
  formula: 'y_{ij} = x_j',
  localDerivative: [String.raw`\bar x_j \mathrel{+}= \sum_i \bar y_{ij}`],
  broadcasts: true,
  forward: ([x], shape) => strided('broadcastTo', x, shape, broadcastStrides(x.shape, shape)),
  pullBack: [(g) => g],
});

/**
 * The tensor repeated along new axes and axes of size 1 so that it has `shape`.
 *
 * @throws {@link ShapeError} when the shape does not broadcast to it.
 * @throws {@link ArgumentError} when a size is no whole number, 0 or more.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkTensor('broadcastTo', x);
  checkShape('broadcastTo', shape);
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
    throw new ShapeError('broadcastTo', `${formatShape(x.shape)} does not stretch to ${formatShape(shape)}`);
  }
  return sameShape(x.shape, shape) ? x : broadcastToOp([x], shape);
}

/** The rule of {@link reshape}. */
export const reshapeOp: Op<Single, Shape> = defineOp<Single, Shape>({
  name: 'reshape',
  formula: String.raw`y = \operatorname{reshape}(x)`,
  localDerivative: [String.raw`\bar x \mathrel{+}= \operatorname{reshape}(\bar y)`],
  forward: ([x], shape) => new Tensor({ storage: x.storage, shape, device: x.device }),
  pullBack: [(g, { inputs: [x] }) => reshape(g, x.shape)],
});

/**
 * The same elements, in the same order, with another shape. Nothing is copied.
 *
 * @param x - Of any shape.
 * @param shape - One size may be -1: it takes what is left.
 * @throws {@link ShapeError} when the number of elements differs.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', x);
  const wanted = inferShape('reshape', shape, x.shape);
  return sameShape(x.shape, wanted) ? x : reshapeOp([x], wanted);
}

/** Sums a gradient over the axes along which an input of `shape` was stretched. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const missing = g.rank - shape.length;
  const axes = g.shape.flatMap((size, axis) =>
    axis < missing || (shape[axis - missing] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(g, { axis: axes, keepDims: true }), shape);
}
