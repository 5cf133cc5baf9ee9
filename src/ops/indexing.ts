/**
 * @file Elements by index: gather and scatterAdd, each the other's pull-back, and what is made of them.
 */
import { arange } from '../autograd/create.js';
import { checkSameDType } from '../autograd/elementwise.js';
import { checkTensor, checkTensors, defineOp, launch, type Op, requireValues } from '../autograd/op.js';
import { nonDifferentiable, type Tensor } from '../autograd/tensor.js';
import { checkWhole, readOptions } from '../checks.js';
import type { DType } from '../dtype.js';
import { ArgumentError, DTypeError } from '../errors.js';
import { broadcastShapes, normalizeAxis, type Shape, sameShape, shapeError, stridesOf } from '../shape.js';
import { add } from './arithmetic.js';
import { cast, equal } from './comparison.js';
import { broadcastTo, expandDims } from './layout.js';

type Indexed = readonly [Tensor, Tensor];

interface Place {
  /** The shape that is read from, or added into. */
  readonly outer: Shape;
  readonly axis: number;
}

function readAs({ outer, axis }: Place): { strides: number[]; axisStride: number } {
  const own = stridesOf(outer);
  return { strides: own.map((stride, i) => (i === axis ? 0 : stride)), axisStride: own[axis]! };
}

/** The rule of {@link gather}. */
export const gatherOp: Op<Indexed, Place> = defineOp<Indexed, Place>({
  name: 'gather',
  formula: 'y_{ij} = x_{k_{ij} j}',
  localDerivative: [String.raw`\bar x_{k_{ij} j} \mathrel{+}= \bar y_{ij}`, '0'],
  forward([x, index], place) {
    const spec = { shape: index.shape, ...readAs(place) };
    return launch('gather', 'gather', [x, index], spec, { shape: index.shape, dtype: x.dtype });
  },
  pullBack: [(g, { inputs: [, index], attributes }) => scatterOp([g, index], attributes), nonDifferentiable],
});

/** The adjoint of {@link gatherOp}: elements added into zeros. */
export const scatterOp: Op<Indexed, Place> = defineOp<Indexed, Place>({
  name: 'scatterAdd',
  formula: String.raw`y_{k_{ij} j} \mathrel{+}= x_{ij}`,
  localDerivative: [String.raw`\bar x_{ij} \mathrel{+}= \bar y_{k_{ij} j}`, '0'],
  forward([source, index], place) {
    const { outer, axis } = place;
    const spec = { shape: index.shape, strides: readAs(place).strides, axis, outer };
    return launch('scatterAdd', 'scatterAdd', [source, index], spec, { shape: outer, dtype: source.dtype });
  },
  pullBack: [(g, { inputs: [, index], attributes }) => gatherOp([g, index], attributes), nonDifferentiable],
});

/** The index as an `int32` tensor, its elements checked against the size of the axis. */
function checkedIndex(op: string, index: Tensor, x: Tensor, axis: number): void {
  if (index.dtype !== 'int32') {
    throw new DTypeError(op, `the index must be int32, got ${index.dtype}`, "use cast(index, 'int32')");
  }
  const fits = index.rank === x.rank && index.shape.every((size, i) => i === axis || size <= x.shape[i]!);
  if (!fits) {
    throw shapeError(
      op,
      `index and tensor must have one rank, and sizes fit but on axis ${axis}`,
      index.shape,
      x.shape,
    );
  }
  requireRange(op, index, x.shape[axis]!);
}

function requireRange(op: string, index: Tensor, size: number): void {
  requireValues(
    index,
    { test: 'between', low: 0, high: size - 1 },
    (value, at) => new ArgumentError(op, `indices must be from 0 to ${size - 1}, got ${value} at element ${at}`),
  );
}

/** The axis of the first of several tensors. */
function axisOf(op: string, tensors: readonly Tensor[], options: AxisOptions | undefined): number {
  checkTensors(op, tensors);
  return normalizeAxis(op, readOptions(op, options, { axis: -1 }).axis, tensors[0]!.rank);
}

/** The axis that an index counts along. */
export interface AxisOptions {
  /** Default: the last. */
  readonly axis?: number;
}

/**
 * The elements that an index names along an axis, as `torch.gather`: $y_{ij} = x_{k_{ij} j}$ for axis 0.
 *
 * @param x - What the elements are taken from.
 * @param index - `int32`, of the rank of `x`, on the other axes no longer than it.
 * @param options - `axis`, default the last.
 * @returns The shape of the index.
 * @throws {@link ShapeError} when the shapes do not fit.
 * @throws {@link ArgumentError} when an index is out of range.
 */
export function gather(x: Tensor, index: Tensor, options?: AxisOptions): Tensor {
  const at = axisOf('gather', [x, index], options);
  checkedIndex('gather', index, x, at);
  return gatherOp([x, index], { outer: x.shape, axis: at });
}

/**
 * A tensor with the elements of `source` added where an index says along an axis, as `torch.scatter_add`:
 * $y_{k_{ij} j} = x_{k_{ij} j} + \sum s_{ij}$ for axis 0. Nothing is written in place.
 *
 * @param x - What is added to.
 * @param index - `int32`, of the shape of `source`.
 * @param source - What is added, of the type of `x`.
 * @param options - `axis`, default the last.
 * @throws {@link ShapeError} when the shapes do not fit.
 * @throws {@link ArgumentError} when an index is out of range.
 */
export function scatterAdd(x: Tensor, index: Tensor, source: Tensor, options?: AxisOptions): Tensor {
  const at = axisOf('scatterAdd', [x, index, source], options);
  checkedIndex('scatterAdd', index, x, at);
  checkSameDType('scatterAdd', [x, source]);
  if (!sameShape(source.shape, index.shape)) {
    throw shapeError('scatterAdd', 'source and index must have one shape', source.shape, index.shape);
  }
  return add(x, scatterOp([source, index], { outer: x.shape, axis: at }));
}

/**
 * {@link gather} whose index broadcasts over the other axes, as NumPy's: with the result of {@link argmax} (`keepDims`)
 * it gives the largest elements.
 *
 * @param x - What the elements are taken from.
 * @param index - `int32`, of the rank of `x`.
 * @param options - `axis`, default the last.
 * @throws {@link ShapeError} when the shapes do not broadcast.
 * @throws {@link ArgumentError} when an index is out of range.
 */
export function takeAlongAxis(x: Tensor, index: Tensor, options?: AxisOptions): Tensor {
  const at = axisOf('takeAlongAxis', [x, index], options);
  if (index.rank !== x.rank) {
    throw shapeError('takeAlongAxis', 'index and tensor must have one rank', index.shape, x.shape);
  }
  const others = (shape: Shape, size: number): number[] => shape.map((length, i) => (i === at ? size : length));
  const common = broadcastShapes('takeAlongAxis', others(x.shape, 1), others(index.shape, 1));
  return gather(broadcastTo(x, others(common, x.shape[at]!)), broadcastTo(index, others(common, index.shape[at]!)), {
    axis: at,
  });
}

/**
 * A 1 at the place of each label, zeros elsewhere: $y_{ik} = [l_i = k]$.
 *
 * @param labels - `int32`, of any shape.
 * @param classes - How many there are.
 * @param options - `dtype` of the result, default `int32`.
 * @returns The shape of the labels, and one axis for the classes.
 * @throws {@link ArgumentError} when a label is out of range.
 */
export function oneHot(labels: Tensor, classes: number, options?: { readonly dtype?: DType }): Tensor {
  const { dtype } = readOptions('oneHot', options, { dtype: 'int32' as const });
  checkTensor('oneHot', labels);
  if (labels.dtype !== 'int32') {
    throw new DTypeError('oneHot', `labels must be int32, got ${labels.dtype}`, "use cast(labels, 'int32')");
  }
  checkWhole('oneHot', 'classes', classes);
  requireRange('oneHot', labels, classes);
  return cast(equal(expandDims(labels, -1), arange(classes, { device: labels.device })), dtype);
}
