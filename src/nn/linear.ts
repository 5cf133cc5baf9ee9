/** @file The linear layer. */
import { group } from '../autograd/context.js';
import { checkTensor } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole, readOptions } from '../checks.js';
import { ShapeError } from '../errors.js';
import { add } from '../ops/arithmetic.js';
import { matmul } from '../ops/matmul.js';
import { formatShape } from '../shape.js';
import type { Parameter } from '../state.js';
import { uniformWeights, WEIGHTS, type WeightOptions } from './initialisation.js';
import { Module } from './module.js';

/** Options of {@link Linear}. */
export type LinearOptions = WeightOptions;

/**
 * A linear map: $y = x W^\top + b$, with `weight` `[out, in]` and `bias` `[out]`.
 *
 * Initialised as in PyTorch: both uniform in ±1/√in (Kaiming's uniform with a = √5).
 */
export class Linear extends Module {
  /** `[out, in]`. */
  weight: Parameter;
  /** `[out]`; null without bias. */
  bias: Parameter | null;

  /**
   * @param inFeatures - The length of a row that goes in.
   * @param outFeatures - The length of a row that comes out.
   * @throws {@link ArgumentError} unless both are whole numbers, 1 or more.
   */
  constructor(inFeatures: number, outFeatures: number, options?: LinearOptions) {
    super();
    const read = readOptions('Linear', options, WEIGHTS);
    checkWhole('Linear', 'inFeatures', inFeatures);
    checkWhole('Linear', 'outFeatures', outFeatures);
    ({ weight: this.weight, bias: this.bias } = uniformWeights([outFeatures, inFeatures], read));
  }

  /**
   * @param x - `[..., in]`.
   * @returns `[..., out]`.
   */
  override forward(x: Tensor): Tensor {
    checkTensor('Linear', x);
    const [outFeatures, inFeatures] = this.weight.shape as [number, number];
    if (x.shape.at(-1) !== inFeatures) {
      throw new ShapeError('Linear', `rows must have length ${inFeatures}, got shape ${formatShape(x.shape)}`);
    }
    return group(`linear ${inFeatures}-${outFeatures}`, () => {
      const y = matmul(x, this.weight, { transposeB: true });
      return this.bias === null ? y : add(y, this.bias);
    });
  }
}
