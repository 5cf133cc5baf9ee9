/**
 * @file The layers of a multi-layer perceptron.
 */
import { group } from '../autograd/context.js';
import { rand } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DType } from '../dtype.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { relu, tanh } from '../ops/activation.js';
import { add, mul } from '../ops/arithmetic.js';
import { matmul } from '../ops/matmul.js';
import type { Generator } from '../random.js';
import { formatShape } from '../shape.js';
import { Module, Parameter } from './module.js';

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Default `float32`. */
  readonly dtype?: DType;
  /** Where the first weights come from. Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
}

/**
 * A linear map: $y = x W^\top + b$, with `weight` `[out, in]` and `bias` `[out]`.
 *
 * Initialised as in PyTorch: both uniform in ±1/√in (Kaiming's uniform with a = √5).
 */
export class Linear extends Module {
  /** `[out, in]`. */
  readonly weight: Parameter;
  /** `[out]`; null without bias. */
  readonly bias: Parameter | null;

  /**
   * @param inFeatures - The length of a row that goes in.
   * @param outFeatures - The length of a row that comes out.
   * @throws {@link ArgumentError} unless both are whole numbers, 1 or more.
   */
  constructor(
    inFeatures: number,
    outFeatures: number,
    { bias = true, dtype = 'float32', generator }: LinearOptions = {},
  ) {
    super();
    for (const [name, value] of Object.entries({ inFeatures, outFeatures })) {
      if (!Number.isInteger(value) || value < 1) {
        throw new ArgumentError('Linear', `${name} must be a whole number, 1 or more, got ${value}`);
      }
    }
    const bound = 1 / Math.sqrt(inFeatures);
    const options = generator === undefined ? { dtype } : { dtype, generator };
    const uniform = (shape: number[]): Parameter => new Parameter(add(mul(rand(shape, options), 2 * bound), -bound));
    this.weight = uniform([outFeatures, inFeatures]);
    this.bias = bias ? uniform([outFeatures]) : null;
  }

  /**
   * @param x - `[..., in]`.
   * @returns `[..., out]`.
   */
  override forward(x: Tensor): Tensor {
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

/** The positive part as a layer. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** The hyperbolic tangent as a layer. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** Modules one after another; their names are `0`, `1`, … */
export class Sequential extends Module {
  /** The modules, in order. */
  readonly layers: readonly Module[];

  constructor(...layers: Module[]) {
    super();
    this.layers = layers;
  }

  override *children(): globalThis.Generator<[string, Module]> {
    for (const [index, layer] of this.layers.entries()) yield [String(index), layer];
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}
