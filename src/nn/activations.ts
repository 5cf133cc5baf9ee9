/** @file The activations as layers. */
import type { Tensor } from '../autograd/tensor.js';
import { readOptions } from '../checks.js';
import { gelu, leakyRelu, relu, sigmoid, softplus, tanh } from '../ops/activation.js';
import { Module } from './module.js';

/** The positive part as a layer: see {@link relu}. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** The positive part, and a little of the negative, as a layer: see {@link leakyRelu}. */
export class LeakyReLU extends Module {
  /** What negative elements are multiplied by. */
  readonly slope: number;

  /** @param options - `slope`, default 0.01. */
  constructor(options?: { readonly slope?: number }) {
    super();
    this.slope = readOptions('LeakyReLU', options, { slope: 0.01 }).slope;
  }

  override forward(x: Tensor): Tensor {
    return leakyRelu(x, { slope: this.slope });
  }
}

/** The Gaussian error linear unit, in its exact form, as a layer: see {@link gelu}. */
export class GELU extends Module {
  override forward(x: Tensor): Tensor {
    return gelu(x);
  }
}

/** The logistic function as a layer: see {@link sigmoid}. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** The hyperbolic tangent as a layer. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** The smooth positive part as a layer: see {@link softplus}. */
export class Softplus extends Module {
  override forward(x: Tensor): Tensor {
    return softplus(x);
  }
}
