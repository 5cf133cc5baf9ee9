/** @file Windows that slide over images, as columns: unfold and fold, each the other's pull-back. */

import { type Single, strided, sum } from '../autograd/linear.js';
import { checkTensor, defineOp, type Op } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { type Pair2d, readOptions, wholePair } from '../checks.js';
import { ShapeError } from '../errors.js';
import { formatShape, type Shape, sameShape, shapeError, sizeOf, stridesOf } from '../shape.js';
import { pad, padOp, permute, reshape } from './layout.js';

/** How windows lie on an image: a number for both axes, or `[height, width]`. */
export interface WindowOptions {
  /** The size of a window. */
  readonly kernelSize: Pair2d;
  /** How far apart windows are. Default 1. */
  readonly stride?: Pair2d;
  /** How many rows and columns are added on each side. Default 0. */
  readonly padding?: Pair2d;
}

/** {@link WindowOptions} as they were read. */
export type ReadWindows = { readonly [Name in keyof WindowOptions]: WindowOptions[Name] | undefined };

/** What {@link WindowOptions} may hold, for {@link readOptions}. */
export const WINDOWS = { kernelSize: undefined, stride: undefined, padding: undefined } as const;

/** Windows that were found to fit. */
export interface Windows {
  /** `[N, C, H, W]`. */
  readonly images: Shape;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** How many windows there are, down and across. */
  readonly counts: Shape;
  /** What the padding is filled with. */
  readonly value: number;
}

/**
 * The windows on images `[N, C, H, W]`.
 *
 * @throws {@link ShapeError} when the images have another rank, or a window is larger than the padded image.
 */
export function windowsOf(op: string, images: Shape, options: ReadWindows, value = 0): Windows {
  const { kernelSize, stride: step = 1, padding: around = 0 } = options;
  if (images.length !== 4) throw shapeError(op, 'needs images [N, C, H, W]', images);
  const kernel = wholePair(op, 'kernelSize', kernelSize);
  const stride = wholePair(op, 'stride', step);
  const padding = wholePair(op, 'padding', around, 0);
  const counts = kernel.map((size, i) => Math.floor((images[2 + i]! + 2 * padding[i]! - size) / stride[i]!) + 1);
  if (counts.some((count) => count < 1)) {
    const padded = images.slice(2).map((size, i) => size + 2 * padding[i]!);
    throw new ShapeError(op, `windows ${formatShape(kernel)} do not fit into images ${formatShape(padded)}`);
  }
  return { images, kernel, stride, padding, counts, value };
}

/** The rule of {@link unfold}. */
export const unfoldOp: Op<Single, Windows> = defineOp<Single, Windows>({
  name: 'unfold',
  formula: 'y_{cij, pq} = x_{c, sp + i, sq + j}',
  localDerivative: [String.raw`\bar x_{c, sp + i, sq + j} \mathrel{+}= \bar y_{cij, pq}`],
  forward([x], windows) {
    const { images, kernel, stride, padding, counts, value } = windows;
    const around = [0, 0, ...padding].map((width) => [width, width] as const);
    const padded = Math.max(...padding) > 0 ? pad(x, around, { value }) : x;
    const [image, channel, row] = stridesOf(padded.shape) as [number, number, number];
    const shape = [...images.slice(0, 2), ...kernel, ...counts];
    const strides = [image, channel, row, 1, row * stride[0], stride[1]];
    return reshape(strided('unfold', padded, shape, strides), columnsOf(windows));
  },
  pullBack: [(g, { attributes }) => foldOp([g], attributes)],
});

/** The adjoint of {@link unfoldOp}. */
export const foldOp: Op<Single, Windows> = defineOp<Single, Windows>({
  name: 'fold',
  formula: String.raw`y_{c, sp + i, sq + j} \mathrel{+}= x_{cij, pq}`,
  localDerivative: [String.raw`\bar x_{cij, pq} \mathrel{+}= \bar y_{c, sp + i, sq + j}`],
  forward([x], { images, kernel, stride, padding, counts }) {
    const leading = [...images.slice(0, 2), ...kernel];
    const inner = [...leading, ...counts];
    const tiles =
      !padding.some(Boolean) && kernel.every((size, i) => size === stride[i] && size * counts[i]! === images[2 + i]);
    // Side by side without a gap, as most pooling has them, nothing is added up.
    if (tiles) return reshape(permute(reshape(x, inner), [0, 1, 4, 2, 5, 3]), images);
    // What each place (i, j) of the windows adds, by steps of the stride, with zeros around to be moved by (i, j) in.
    const margins = kernel.map((size) => size - 1);
    const outer = [...leading, ...margins.map((margin, i) => images[2 + i]! + 2 * padding[i]! + margin)];
    const starts = [0, 0, 0, 0, ...margins];
    const spread = padOp([reshape(x, inner)], { outer, shape: inner, starts, steps: [1, 1, 1, 1, ...stride] });
    const [image, channel, i, j, row] = stridesOf(outer) as [number, number, number, number, number];
    const shape = [...leading, ...images.slice(2)];
    const offset = (padding[0] + margins[0]!) * row + padding[1] + margins[1]!;
    const strides = [image, channel, i - row, j - 1, row, 1];
    return sum(strided('fold', spread, shape, strides, offset), { axis: [2, 3] });
  },
  pullBack: [(g, { attributes }) => unfoldOp([g], { ...attributes, value: 0 })],
});

/** `[N, C kh kw, L]`. */
function columnsOf({ images: [n, c], kernel, counts }: Windows): number[] {
  return [n!, c! * sizeOf(kernel), sizeOf(counts)];
}

/**
 * The windows of images as columns, as `torch.nn.functional.unfold`: $y_{cij, pq} = x_{c, sp + i, sq + j}$ for stride s. A
 * convolution is a matrix times these.
 *
 * @param x - `[N, C, H, W]`.
 * @returns `[N, C kh kw, L]` for L windows, row by row.
 * @throws {@link ShapeError} when `x` has another rank, or a window is larger than the padded image.
 */
export function unfold(x: Tensor, options: WindowOptions): Tensor {
  checkTensor('unfold', x);
  const windows = windowsOf('unfold', x.shape, readOptions('unfold', options, WINDOWS));
  const { kernel, stride, padding } = windows;
  // Windows of one element, side by side, are the image itself.
  const isImage = sizeOf(kernel) * sizeOf(stride) === 1 && Math.max(...padding) === 0;
  return isImage ? reshape(x, columnsOf(windows)) : unfoldOp([x], windows);
}

/**
 * Windows added up to images, as `torch.nn.functional.fold`: the adjoint of {@link unfold}, not its inverse, since elements
 * where windows overlap are summed.
 *
 * @param x - `[N, C kh kw, L]`, as {@link unfold} makes it.
 * @param options - `outputSize`, H and W of the images; the others as for {@link unfold}.
 * @returns `[N, C, H, W]`.
 * @throws {@link ShapeError} when `x` does not have as many rows and columns.
 */
export function fold(x: Tensor, options: WindowOptions & { readonly outputSize: Pair2d }): Tensor {
  checkTensor('fold', x);
  const read = readOptions('fold', options, { ...WINDOWS, outputSize: undefined });
  const [n = 0, rows = 0] = x.shape;
  const perWindow = sizeOf(wholePair('fold', 'kernelSize', read.kernelSize));
  const size = wholePair('fold', 'outputSize', read.outputSize);
  const windows = windowsOf('fold', [n, Math.floor(rows / perWindow), ...size], read);
  const wanted = columnsOf(windows);
  if (!sameShape(x.shape, wanted)) {
    const columns = `[N, C * ${perWindow}, ${wanted[2]}]`;
    throw shapeError('fold', `needs ${columns}`, x.shape);
  }
  return foldOp([x], windows);
}
