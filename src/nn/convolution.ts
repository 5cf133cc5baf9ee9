/** @file The convolution of images. */
import { group } from '../autograd/context.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole, readOptions, wholePair } from '../checks.js';
import { add } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { unfold, WINDOWS, type WindowOptions, windowsOf } from '../ops/windows.js';
import { shapeError } from '../shape.js';
import type { Parameter } from '../state.js';
import { uniformWeights, WEIGHTS, type WeightOptions } from './initialisation.js';
import { Module } from './module.js';

/** Options of {@link Conv2d}: how the windows lie, and the weights. */
export interface Conv2dOptions extends WeightOptions, WindowOptions {}

/**
 * A convolution of images, as `torch.nn.Conv2d`: $y_{o, pq} = b_o + \sum_{c, i, j} w_{o c i j}\, x_{c, sp + i, sq + j}$, zeros
 * around the image; that is one matrix product with the windows as columns ({@link unfold}).
 *
 * Initialised as in PyTorch: uniform in ±1/√(in · kh · kw) (Kaiming's uniform with a = √5).
 */
export class Conv2d extends Module {
  /** `[out, in, kh, kw]`. */
  weight: Parameter;
  /** `[out]`; null without bias. */
  bias: Parameter | null;
  /** How far apart windows are, down and across. */
  readonly stride: readonly [number, number];
  /** How many rows and columns of zeros are added on each side. */
  readonly padding: readonly [number, number];

  /**
   * @param inChannels - The channels of an image that goes in.
   * @param outChannels - The channels of an image that comes out.
   * @param options - `kernelSize`, a number or `[height, width]`; `stride`, default 1; `padding`, default 0; `bias`, default true.
   * @throws {@link ArgumentError} unless all are whole numbers in their range.
   */
  constructor(inChannels: number, outChannels: number, options: Conv2dOptions) {
    super();
    const read = readOptions('Conv2d', options, { ...WEIGHTS, ...WINDOWS });
    const { stride = 1, padding = 0 } = read;
    checkWhole('Conv2d', 'inChannels', inChannels);
    checkWhole('Conv2d', 'outChannels', outChannels);
    const kernel = wholePair('Conv2d', 'kernelSize', read.kernelSize);
    this.stride = wholePair('Conv2d', 'stride', stride);
    this.padding = wholePair('Conv2d', 'padding', padding, 0);
    ({ weight: this.weight, bias: this.bias } = uniformWeights([outChannels, inChannels, ...kernel], read));
  }

  /**
   * @param x - `[N, in, H, W]`.
   * @returns `[N, out, H', W']`, $H' = \lfloor (H + 2 p - k) / s \rfloor + 1$.
   * @throws {@link ShapeError} when channels or rank differ, or the kernel is larger than the padded image.
   */
  override forward(x: Tensor): Tensor {
    checkTensor('Conv2d', x);
    const [out, channels, ...kernelSize] = this.weight.shape as [number, number, number, number];
    if (x.rank !== 4 || x.shape[1] !== channels) {
      throw shapeError('Conv2d', `needs images [N, ${channels}, H, W]`, x.shape);
    }
    return group(`conv2d ${channels}-${out}`, () => {
      const options = { kernelSize, stride: this.stride, padding: this.padding };
      const { counts } = windowsOf('Conv2d', x.shape, options);
      const y = matmul(reshape(this.weight, [out, -1]), unfold(x, options));
      const sum = this.bias === null ? y : add(y, reshape(this.bias, [out, 1]));
      return reshape(sum, [x.shape[0]!, out, ...counts]);
    });
  }
}
