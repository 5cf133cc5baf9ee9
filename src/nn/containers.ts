/** @file Modules made of modules. */
import { group } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { ShapeError } from '../errors.js';
import { add } from '../ops/arithmetic.js';
import { formatShape, sameShape } from '../shape.js';
import { Module } from './module.js';

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

/**
 * A module with a way around it: $y = p(x) + f(x)$, p being the identity unless it is given.
 *
 * He, Zhang, Ren, Sun: "Deep residual learning for image recognition", CVPR 2016, equations 1 and 2.
 */
export class Residual extends Module {
  /** The f of the formula. */
  readonly body: Module;
  /** The p of the formula; null for the identity. */
  readonly projection: Module | null;

  /**
   * @param body - What x goes through.
   * @param options - `projection`, what brings x itself to the shape of the body's result; needed where that differs.
   */
  constructor(body: Module, { projection = null }: { readonly projection?: Module | null } = {}) {
    super();
    this.body = body;
    this.projection = projection;
  }

  /** @throws {@link ShapeError} when the two parts of the sum differ in shape. */
  override forward(x: Tensor): Tensor {
    return group('residual', () => {
      const y = this.body.forward(x);
      const around = this.projection === null ? x : this.projection.forward(x);
      if (!sameShape(y.shape, around.shape)) {
        const shapes = `${formatShape(y.shape)} and ${formatShape(around.shape)}`;
        throw new ShapeError('Residual', `both parts must have one shape, got ${shapes}`, 'give a projection');
      }
      return add(around, y);
    });
  }
}
