/**
 * @file Operations that move elements without changing them. Adjoint pairs stand together: each is the other's
 * pull-back.
 */
import { checkSameDType, TO_FLOAT } from '../autograd/elementwise.js';
import { reshape, type Single, strided } from '../autograd/linear.js';
import { checkTensor, checkTensors, defineOp, launch, type Op, place } from '../autograd/op.js';
import type { PullBack, Tensor } from '../autograd/tensor.js';
import { checkWhole, checkWholes, describe, readOptions } from '../checks.js';
import { checkDevice, type Device } from '../devices/device.js';
import { checkElements } from '../dtype.js';
import { ShapeError } from '../errors.js';
import {
  type Axes,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
  stridesOf,
} from '../shape.js';

export { broadcastTo, reshape } from '../autograd/linear.js';

/** The rule of {@link permute}. */
export const permuteOp: Op<Single, readonly number[]> = defineOp<Single, readonly number[]>({
  name: 'permute',
  formula: String.raw`y = \operatorname{permute}_\pi(x)`,
  localDerivative: [String.raw`\bar x \mathrel{+}= \operatorname{permute}_{\pi^{-1}}(\bar y)`],
  forward([x], axes) {
    const ordered = (list: Shape): number[] => axes.map((axis) => list[axis]!);
    return strided('permute', x, ordered(x.shape), ordered(stridesOf(x.shape)));
  },
  pullBack: [
    (g, { attributes: axes }) =>
      permute(
        g,
        axes.map((_, axis) => axes.indexOf(axis)),
      ),
  ],
});

/**
 * The axes in another order: axis `i` of the result is axis `axes[i]` of `x`.
 *
 * @throws {@link ShapeError} unless `axes` names every axis once.
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkTensor('permute', x);
  checkWholes('permute', 'axes', axes);
  const order = axes.map((axis) => normalizeAxis('permute', axis, x.rank));
  if (new Set(order).size !== x.rank || order.length !== x.rank) {
    throw shapeError('permute', `must name each of the ${x.rank} axes once`, axes);
  }
  return permuteOp([x], order);
}

/** Which two axes {@link transpose} swaps. */
export interface TransposeOptions {
  /** Default: the last two. */
  readonly axes?: readonly [number, number];
}

/**
 * Swaps two axes; the last two by default: $y = x^\top$.
 *
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function transpose(x: Tensor, options?: TransposeOptions): Tensor {
  checkTensor('transpose', x);
  const { axes = [-2, -1] } = readOptions('transpose', options, { axes: undefined });
  checkWholes('transpose', 'axes', axes, undefined, 2);
  const [p, q] = axes.map((axis) => normalizeAxis('transpose', axis, x.rank)) as [number, number];
  const order = x.shape.map((_, axis) => (axis === p ? q : axis === q ? p : axis));
  return permuteOp([x], order);
}

/**
 * A new axis of size 1 before axis `axis` of the result.
 *
 * @throws {@link ShapeError} when the axis is out of range.
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  checkTensor('expandDims', x);
  const at = normalizeAxis('expandDims', axis, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/**
 * Drops axes of size 1: all of them, or those named.
 *
 * @throws {@link ShapeError} when a named axis has another size.
 */
export function squeeze(x: Tensor, options?: { readonly axis?: Axes }): Tensor {
  checkTensor('squeeze', x);
  const { axis } = readOptions('squeeze', options, { axis: undefined });
  const named =
    axis === undefined ? [...x.shape.keys()].filter((i) => x.shape[i] === 1) : normalizeAxes('squeeze', axis, x.rank);
  const wrong = named.find((i) => x.shape[i] !== 1);
  if (wrong !== undefined) {
    throw new ShapeError('squeeze', `axis ${wrong} must have size 1, got ${x.shape[wrong]} in ${formatShape(x.shape)}`);
  }
  return reshape(
    x,
    x.shape.filter((_, i) => !named.includes(i)),
  );
}

/** Where {@link slice} starts and ends on each axis; negative from the end. */
export interface SliceOptions {
  /** The first index of each axis. Default 0. */
  readonly starts?: readonly number[];
  /** One past the last index of each axis. Default: the axis' size. */
  readonly ends?: readonly number[];
  /** The step of each axis, 1 or more. Default 1. */
  readonly steps?: readonly number[];
}

interface Window {
  readonly outer: Shape;
  readonly shape: Shape;
  readonly starts: Shape;
  readonly steps: Shape;
  readonly value?: number;
}

/** The rule of {@link slice}. */
export const sliceOp: Op<Single, Window> = defineOp<Single, Window>({
  name: 'slice',
  formula: 'y_i = x_{s + i t}',
  localDerivative: [String.raw`\bar x_{s + i t} \mathrel{+}= \bar y_i`],
  forward([x], { shape, starts, steps }) {
    const own = stridesOf(x.shape);
    const strides = own.map((stride, axis) => stride * steps[axis]!);
    const offset = starts.reduce((total, start, axis) => total + start * own[axis]!, 0);
    return strided('slice', x, shape, strides, offset);
  },
  pullBack: [(g, { attributes }) => padOp([g], attributes)],
});

/** The adjoint of {@link sliceOp}: a value around and between the elements. */
export const padOp: Op<Single, Window> = defineOp<Single, Window>({
  name: 'pad',
  formula: 'y_{s + i t} = x_i',
  localDerivative: [String.raw`\bar x_i \mathrel{+}= \bar y_{s + i t}`],
  forward([x], { outer, shape, starts, steps, value = 0 }) {
    const spec = { shape: outer, inner: shape, starts, steps, value };
    return launch('pad', 'pad', [x], spec, { shape: outer, dtype: x.dtype, empty: value });
  },
  pullBack: [(g, { attributes }) => sliceOp([g], { ...attributes, value: 0 })],
});

/**
 * A value before and after the elements of each axis.
 *
 * @param x - What stands in the middle.
 * @param widths - For each axis `[before, after]`, whole numbers, 0 or more.
 * @param options - `value`, default 0.
 * @throws {@link ShapeError} unless there is one pair of widths for each axis.
 * @throws {@link DTypeError} when an `int32` tensor does not hold the value.
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  options?: { readonly value?: number },
): Tensor {
  checkTensor('pad', x);
  const { value } = readOptions('pad', options, { value: 0 });
  if (!Array.isArray(widths) || widths.length !== x.rank) {
    throw new ShapeError('pad', `needs [before, after] for each of the ${x.rank} axes, got ${describe(widths)}`);
  }
  for (const pair of widths) checkWholes('pad', '[before, after]', pair, 0, 2);
  checkElements('pad', x.dtype, [value], TO_FLOAT);
  const outer = x.shape.map((size, axis) => size + widths[axis]![0] + widths[axis]![1]);
  const starts = widths.map(([before]) => before);
  return padOp([x], { outer, shape: x.shape, starts, steps: x.shape.map(() => 1), value });
}

/**
 * A part of a tensor, along every axis from a start to before an end, in steps.
 *
 * @throws {@link ShapeError} when more axes are named than there are.
 * @throws {@link ArgumentError} when a start or an end is no whole number, or a step is not 1 or more.
 */
export function slice(x: Tensor, options?: SliceOptions): Tensor {
  checkTensor('slice', x);
  const read = readOptions('slice', options, { starts: undefined, ends: undefined, steps: undefined });
  const { starts = [], ends = [], steps = [] } = read;
  checkWholes('slice', 'starts', starts);
  checkWholes('slice', 'ends', ends);
  checkWholes('slice', 'steps', steps, 1);
  const named = Math.max(starts.length, ends.length, steps.length);
  if (named > x.rank) throw new ShapeError('slice', `names ${named} axes of a tensor of rank ${x.rank}`);
  const place = (index: number, size: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  const from = x.shape.map((size, axis) => place(starts[axis] ?? 0, size));
  const step = x.shape.map((_, axis) => steps[axis] ?? 1);
  const shape = x.shape.map((size, axis) =>
    Math.max(Math.ceil((place(ends[axis] ?? size, size) - from[axis]!) / step[axis]!), 0),
  );
  return sliceOp([x], { outer: x.shape, shape, starts: from, steps: step });
}

/** The rule of {@link flip}, its own adjoint. */
export const flipOp: Op<Single, readonly number[]> = defineOp<Single, readonly number[]>({
  name: 'flip',
  formula: 'y_i = x_{n - 1 - i}',
  localDerivative: [String.raw`\bar x_i \mathrel{+}= \bar y_{n - 1 - i}`],
  forward([x], axes) {
    const own = stridesOf(x.shape);
    const strides = own.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    const offset = axes.reduce((sum, axis) => sum + (x.shape[axis]! - 1) * own[axis]!, 0);
    return strided('flip', x, x.shape, strides, offset);
  },
  pullBack: [(g, { attributes: axes }) => flipOp([g], axes)],
});

/**
 * The elements in reverse order along axes; all of them when omitted.
 *
 * @throws {@link ShapeError} when an axis is out of range.
 */
export function flip(x: Tensor, options?: { readonly axis?: Axes }): Tensor {
  checkTensor('flip', x);
  const { axis } = readOptions('flip', options, { axis: undefined });
  return flipOp([x], normalizeAxes('flip', axis, x.rank));
}

/** Along which axis tensors are joined, or one is cut. Default 0. */
export type JoinOptions = { readonly axis?: number };

/** The rule of {@link concat}. */
export const concatOp: Op<readonly Tensor[], number> = defineOp<readonly Tensor[], number>({
  name: 'concat',
  formula: String.raw`y = [x_1, \ldots, x_n]`,
  localDerivative: String.raw`\bar x_i \mathrel{+}= \bar y_{[\text{part } i]}`,
  forward(inputs, axis) {
    const first = inputs[0]!;
    const rest = sizeOf(first.shape.slice(axis + 1));
    const total = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    const shape = first.shape.map((size, i) => (i === axis ? total : size));
    const parts = inputs.filter((input) => input.size > 0);
    const spec = {
      outer: sizeOf(first.shape.slice(0, axis)),
      lengths: parts.map((part) => part.shape[axis]! * rest),
    };
    return launch('concat', 'concat', parts.length > 0 ? parts : [first], spec, {
      shape,
      dtype: first.dtype,
    });
  },
  pullBack(g, { inputs, attributes: axis }, index) {
    const start = inputs.slice(0, index).reduce((sum, input) => sum + input.shape[axis]!, 0);
    const at = (value: number, other: readonly number[]): number[] =>
      other.map((size, i) => (i === axis ? value : size));
    const zeros = g.shape.map(() => 0);
    return slice(g, { starts: at(start, zeros), ends: at(start + inputs[index]!.shape[axis]!, g.shape) });
  },
});

/**
 * Joins tensors along an existing axis.
 *
 * @param tensors - One or more, alike but for their size on `axis`.
 * @param options - `axis`, default 0.
 * @throws {@link ShapeError} when the other sizes differ.
 */
export function concat(tensors: readonly Tensor[], options?: JoinOptions): Tensor {
  const { axis } = readOptions('concat', options, { axis: 0 });
  checkTensors('concat', tensors, 1);
  const first = tensors[0]!;
  checkSameDType('concat', tensors);
  const at = normalizeAxis('concat', axis, first.rank);
  for (const other of tensors) {
    if (other.rank !== first.rank || other.shape.some((size, i) => i !== at && size !== first.shape[i])) {
      throw shapeError('concat', `shapes must agree but for axis ${at}`, first.shape, other.shape);
    }
  }
  return concatOp(tensors, at);
}

/**
 * Joins tensors of one shape along a new axis.
 *
 * @param tensors - One or more.
 * @param options - `axis` of the result, default 0.
 * @throws {@link ShapeError} when the shapes differ.
 */
export function stack(tensors: readonly Tensor[], options?: JoinOptions): Tensor {
  const { axis } = readOptions('stack', options, { axis: 0 });
  checkTensors('stack', tensors, 1);
  const first = tensors[0]!;
  const other = tensors.find(({ shape }) => !sameShape(shape, first.shape));
  if (other !== undefined) {
    throw shapeError('stack', 'shapes must be equal', first.shape, other.shape);
  }
  const at = normalizeAxis('stack', axis, first.rank + 1);
  return concat(
    tensors.map((x) => expandDims(x, at)),
    { axis: at },
  );
}

/**
 * Cuts a tensor along an axis into parts: the adjoint of {@link concat}.
 *
 * @param x - What is cut.
 * @param sizes - The size of every part, the last one smaller where it does not divide; or the size of each.
 * @param options - `axis`, default 0.
 * @throws {@link ShapeError} when the sizes do not add up to that of the axis.
 * @throws {@link ArgumentError} when a size is no whole number, 0 or more; 1 or more where it is that of every part.
 */
export function split(x: Tensor, sizes: number | readonly number[], options?: JoinOptions): Tensor[] {
  checkTensor('split', x);
  const { axis } = readOptions('split', options, { axis: 0 });
  const at = normalizeAxis('split', axis, x.rank);
  const total = x.shape[at]!;
  if (typeof sizes === 'number') checkWhole('split', 'size', sizes);
  const list =
    typeof sizes === 'number'
      ? Array.from({ length: Math.ceil(total / sizes) }, (_, i) => Math.min(sizes, total - i * sizes))
      : sizes;
  checkWholes('split', 'sizes', list, 0);
  if (list.reduce((sum, size) => sum + size, 0) !== total) {
    throw shapeError('split', `sizes must add up to ${total}`, list);
  }
  let start = 0;
  return list.map((size) => {
    const starts = x.shape.map((_, i) => (i === at ? start : 0));
    start += size;
    return slice(x, { starts, ends: x.shape.map((length, i) => (i === at ? start : length)) });
  });
}

const moveBack: PullBack<Single, Device> = (g, { inputs: [x] }) => to(g, x.device);

/** The rule of {@link to}. */
export const toOp: Op<Single, Device> = defineOp<Single, Device>({
  name: 'to',
  formula: 'y = x',
  localDerivative: [String.raw`\bar x \mathrel{+}= \bar y`],
  forward: ([x], device) => place('to', device, x.dtype, x.dataSync(), x.shape),
  pullBack: [moveBack],
});

/**
 * The same numbers on another device. Gradients flow back.
 *
 * @throws {@link DTypeError} when the device does not hold the type.
 */
export function to(x: Tensor, device: Device): Tensor {
  checkTensor('to', x);
  checkDevice('to', device);
  return x.device === device ? x : toOp([x], device);
}
