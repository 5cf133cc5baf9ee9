/** @file Layers that bring activations to a common scale. */
import { group, noGrad } from '../autograd/context.js';
import { ones, zeros } from '../autograd/create.js';
import { checkTensor, launch } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, checkWhole, readOptions, wrong } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { add, div, mul, square, sub } from '../ops/arithmetic.js';
import { normalize } from '../ops/distance.js';
import { reshape } from '../ops/layout.js';
import { mean } from '../ops/reduce.js';
import { sqrt } from '../ops/transcendental.js';
import { formatShape, type Shape, sameShape, shapeError } from '../shape.js';
import { Buffer, Parameter } from '../state.js';
import type { LayerOptions } from './initialisation.js';
import { Module } from './module.js';

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** The share of a batch in the running mean and variance. Default 0.1. */
  readonly momentum?: number;
}

/** Numbers moved to mean 0 and variance 1 over axes, which stay. */
function standardised(x: Tensor, axes: readonly number[], eps: number): { y: Tensor; mean: Tensor; variance: Tensor } {
  const middle = mean(x, { axis: axes, keepDims: true });
  const centred = sub(x, middle);
  const variance = mean(square(centred), { axis: axes, keepDims: true });
  return { y: div(centred, sqrt(add(variance, eps))), mean: middle, variance };
}

/**
 * Batch normalisation over axis 1, the channels: $y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \gamma + \beta$.
 *
 * In training, μ and σ² (divided by n) are those of the batch, and the running averages take them up:
 * $r \leftarrow (1 - m) r + m \mu$, the variance divided by n - 1. In evaluation they are the running averages.
 *
 * Ioffe, Szegedy: "Batch normalization: accelerating deep network training by reducing internal covariate shift", ICML 2015.
 */
abstract class BatchNorm extends Module {
  /** The γ of the formula, `[C]`. */
  weight: Parameter;
  /** The β of the formula, `[C]`. */
  bias: Parameter;
  /** The running mean, `[C]`; `running_mean` in a state. */
  readonly runningMean: Buffer;
  /** The running variance, `[C]`; `running_var` in a state. */
  readonly runningVariance: Buffer;
  /** How many batches the averages have taken up, a scalar `int32`; `num_batches_tracked` in a state. */
  readonly batches: Buffer;
  /** What is added to the variance. */
  readonly eps: number;
  /** The share of a batch in the averages. */
  readonly momentum: number;
  readonly #name: string;
  /** The shapes that it takes, one of each rank. */
  readonly #layouts: readonly string[];

  constructor(name: string, layouts: readonly string[], features: number, options: BatchNormOptions | undefined) {
    super();
    const { eps, momentum, dtype } = readOptions(name, options, { eps: 1e-5, momentum: 0.1, dtype: 'float32' });
    checkWhole(name, 'features', features);
    checkRange(name, 'eps', eps);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw wrong(name, 'momentum', 'in [0, 1]', momentum);
    }
    this.#name = name;
    this.#layouts = layouts;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = new Parameter(ones([features], { dtype }));
    this.bias = new Parameter(zeros([features], { dtype }));
    this.runningMean = new Buffer(zeros([features], { dtype }), 'running_mean');
    this.runningVariance = new Buffer(ones([features], { dtype }), 'running_var');
    this.batches = new Buffer(zeros([], { dtype: 'int32' }), 'num_batches_tracked');
  }

  /**
   * @param x - Channels on axis 1.
   * @returns The shape of `x`.
   * @throws {@link ShapeError} when rank or channels differ.
   * @throws {@link ArgumentError} in training, when a channel has a single value.
   */
  override forward(x: Tensor): Tensor {
    checkTensor(this.#name, x);
    const [features] = this.weight.shape as [number];
    const isKnown = this.#layouts.some((layout) => layout.split(',').length === x.rank);
    if (!isKnown || x.shape[1] !== features) {
      const wanted = `${this.#layouts.join(' or ')} with ${features} channels`;
      throw shapeError(this.#name, `needs ${wanted}`, x.shape);
    }
    return group('batch norm', () => (this.training ? this.#train(x) : this.#evaluate(x)));
  }

  #train(x: Tensor): Tensor {
    const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
    const features = x.shape[1]!;
    const count = x.size / features;
    if (count < 2) {
      throw new ArgumentError(
        this.#name,
        `needs more than one value per channel when training, got shape ${formatShape(x.shape)}`,
        'use a larger batch, or eval()',
      );
    }
    const { y, mean, variance } = standardised(x, axes, this.eps);
    const out = add(mul(y, this.#perChannel(this.weight, x)), this.#perChannel(this.bias, x));
    noGrad(() => {
      this.#takeUp(this.runningMean, mean, 1);
      this.#takeUp(this.runningVariance, variance, count / (count - 1));
      this.batches.assign(add(this.batches, 1));
    });
    return out;
  }

  /** One step of a running average, in one kernel. */
  #takeUp(average: Buffer, value: Tensor, factor: number): void {
    const weights = [1 - this.momentum, this.momentum * factor] as const;
    const spec = { weights, squared: false, size: average.size };
    average.assign(launch(this.#name, 'blend', [average, value], spec, average));
  }

  #evaluate(x: Tensor): Tensor {
    const scale = div(this.weight, sqrt(add(this.runningVariance, this.eps)));
    const shift = sub(this.bias, mul(this.runningMean, scale));
    return add(mul(x, this.#perChannel(scale, x)), this.#perChannel(shift, x));
  }

  #perChannel(values: Tensor, x: Tensor): Tensor {
    return reshape(
      values,
      x.shape.map((_, axis) => (axis === 1 ? -1 : 1)),
    );
  }
}

/** Batch normalisation of rows `[N, C]`, or of sequences `[N, C, L]`, as `torch.nn.BatchNorm1d`. */
export class BatchNorm1d extends BatchNorm {
  /**
   * @param features - The channels C.
   * @throws {@link ArgumentError} when it is not a whole number, 1 or more, or an option is out of range.
   */
  constructor(features: number, options?: BatchNormOptions) {
    super('BatchNorm1d', ['[N, C]', '[N, C, L]'], features, options);
  }
}

/** Batch normalisation of images `[N, C, H, W]`, as `torch.nn.BatchNorm2d`. */
export class BatchNorm2d extends BatchNorm {
  /**
   * @param features - The channels C.
   * @throws {@link ArgumentError} when it is not a whole number, 1 or more, or an option is out of range.
   */
  constructor(features: number, options?: BatchNormOptions) {
    super('BatchNorm2d', ['[N, C, H, W]'], features, options);
  }
}

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions extends LayerOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

/**
 * Layer normalisation over the last axes, as `torch.nn.LayerNorm`:
 * $y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \odot \gamma + \beta$ with μ and σ² (divided by n) of each row.
 *
 * Ba, Kiros, Hinton: "Layer normalization", 2016.
 */
export class LayerNorm extends Module {
  /** The γ of the formula, in the shape that is normalised. */
  weight: Parameter;
  /** The β of the formula, in the shape that is normalised. */
  bias: Parameter;
  /** What is added to the variance. */
  readonly eps: number;

  /**
   * @param shape - The last axes, which are normalised together; a number for the last one alone.
   * @throws {@link ArgumentError} unless the sizes are whole numbers, 1 or more.
   */
  constructor(shape: number | Shape, options?: LayerNormOptions) {
    super();
    const { eps, dtype } = readOptions('LayerNorm', options, { eps: 1e-5, dtype: 'float32' });
    const sizes = (Array.isArray(shape) ? shape : [shape]) as Shape;
    if (sizes.length === 0) throw new ArgumentError('LayerNorm', 'needs at least one axis, got none');
    for (const size of sizes) checkWhole('LayerNorm', 'sizes', size);
    checkRange('LayerNorm', 'eps', eps);
    this.weight = new Parameter(ones(sizes, { dtype }));
    this.bias = new Parameter(zeros(sizes, { dtype }));
    this.eps = eps;
  }

  /**
   * @param x - `[..., shape]`.
   * @throws {@link ShapeError} when the last axes differ.
   */
  override forward(x: Tensor): Tensor {
    checkTensor('LayerNorm', x);
    const { shape } = this.weight;
    const axes = [...x.shape.keys()].slice(-shape.length);
    if (!sameShape(x.shape.slice(-shape.length), shape)) {
      throw shapeError('LayerNorm', `the last axes must be ${formatShape(shape)}`, x.shape);
    }
    return group('layer norm', () => add(mul(standardised(x, axes, this.eps).y, this.weight), this.bias));
  }
}

/** Every vector along the last axis brought to length 1, as a layer: see {@link normalize}. */
export class L2Normalize extends Module {
  /** Shorter vectors are divided by this. */
  readonly eps: number;

  /** @param options - `eps`, default 1e-12. */
  constructor(options?: { readonly eps?: number }) {
    super();
    const { eps } = readOptions('L2Normalize', options, { eps: 1e-12 });
    checkRange('L2Normalize', 'eps', eps);
    this.eps = eps;
  }

  override forward(x: Tensor): Tensor {
    return group('normalize', () => normalize(x, { eps: this.eps }));
  }
}
