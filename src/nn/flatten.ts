/** @file Rows of images as rows of numbers. */
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { ShapeError } from '../errors.js';
import { reshape } from '../ops/layout.js';
import { sizeOf } from '../shape.js';
import { Module } from './module.js';

/** All axes but the first joined, in row-major order: `[N, …]` to `[N, size]`. */
export class Flatten extends Module {
  /** @throws {@link ShapeError} on a scalar. */
  override forward(x: Tensor): Tensor {
    checkTensor('Flatten', x);
    if (x.rank === 0) throw new ShapeError('Flatten', 'needs [N, …], got a scalar');
    return reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
  }
}
