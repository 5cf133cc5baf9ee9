/** @file Layers that make images smaller. */
import { group } from '../autograd/context.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { readOptions, wholePair } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { gatherOp } from '../ops/indexing.js';
import { reshape } from '../ops/layout.js';
import { argmax, mean } from '../ops/reduce.js';
import { unfoldOp, WINDOWS, type WindowOptions, windowsOf } from '../ops/windows.js';
import { formatShape, shapeError } from '../shape.js';
import { Module } from './module.js';

/**
 * The largest element of each window, as `torch.nn.MaxPool2d`. The gradient goes to the first of several that tie; padding
 * never wins.
 */
export class MaxPool2d extends Module {
  /** The size of a window. */
  readonly kernelSize: readonly [number, number];
  /** How far apart windows are, down and across. */
  readonly stride: readonly [number, number];
  /** How many rows and columns are added on each side. */
  readonly padding: readonly [number, number];

  /**
   * @param options - `kernelSize`, a number or `[height, width]`; `stride`, default the kernel's size; `padding`, default 0.
   * @throws {@link ArgumentError} unless all are whole numbers, and the padding at most half of the kernel.
   */
  constructor(options: WindowOptions) {
    super();
    const { kernelSize, stride = kernelSize, padding = 0 } = readOptions('MaxPool2d', options, WINDOWS);
    this.kernelSize = wholePair('MaxPool2d', 'kernelSize', kernelSize);
    this.stride = wholePair('MaxPool2d', 'stride', stride);
    this.padding = wholePair('MaxPool2d', 'padding', padding, 0);
    if (this.padding.some((width, axis) => 2 * width > this.kernelSize[axis]!)) {
      const sizes = `${formatShape(this.padding)} for ${formatShape(this.kernelSize)}`;
      throw new ArgumentError('MaxPool2d', `padding must be at most half of the kernel, got ${sizes}`);
    }
  }

  /**
   * @param x - `[N, C, H, W]`.
   * @returns `[N, C, H', W']`, $H' = \lfloor (H + 2 p - k) / s \rfloor + 1$.
   * @throws {@link ShapeError} when `x` has another rank, or the kernel is larger than the padded image.
   */
  override forward(x: Tensor): Tensor {
    checkTensor('MaxPool2d', x);
    return group('max pool', () => {
      const windows = windowsOf('MaxPool2d', x.shape, this, Number.NEGATIVE_INFINITY);
      const [n, channels] = x.shape as [number, number];
      const { kernel, counts } = windows;
      const columns = reshape(unfoldOp([x], windows), [n, channels, kernel[0] * kernel[1], counts[0]! * counts[1]!]);
      const index = argmax(columns, { axis: 2, keepDims: true });
      // The rule itself: what argmax makes is in range, and need not be looked at again.
      return reshape(gatherOp([columns, index], { outer: columns.shape, axis: 2 }), [n, channels, ...counts]);
    });
  }
}

/** The mean of each channel over its image: `[N, C, H, W]` to `[N, C]`, $y_c = \frac{1}{H W} \sum_{p, q} x_{c, p q}$. */
export class GlobalAvgPool2d extends Module {
  /** @throws {@link ShapeError} unless `x` is `[N, C, H, W]`. */
  override forward(x: Tensor): Tensor {
    checkTensor('GlobalAvgPool2d', x);
    if (x.rank !== 4) throw shapeError('GlobalAvgPool2d', 'needs images [N, C, H, W]', x.shape);
    return mean(x, { axis: [2, 3] });
  }
}
