/** @file Modules made of modules. */
import { group } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkWhole, describe, readOptions } from '../checks.js';
import { ArgumentError, GraphError, ShapeError } from '../errors.js';
import { add } from '../ops/arithmetic.js';
import { formatShape, sameShape } from '../shape.js';
import { listOf } from '../state.js';
import { type Layer, Module } from './module.js';

/** Modules in a list, when they are modules. */
function checkedModules<Member extends Module>(op: string, modules: Iterable<Member>): Member[] {
  const list = listOf(op, 'modules', modules);
  for (const module of list) {
    if (module instanceof Module) continue;
    throw new ArgumentError(
      op,
      `needs modules, got ${describe(module)}`,
      Array.isArray(module) ? 'spread the list' : undefined,
    );
  }
  return list;
}

/** Modules in order, whose names are `0`, `1`, … */
abstract class List<Member extends Module> extends Module implements Iterable<Member> {
  /** The modules, in order. */
  readonly layers: Member[];

  constructor(name: string, layers: Iterable<Member>) {
    super();
    this.layers = checkedModules(name, layers);
  }

  /** How many modules it has. */
  get length(): number {
    return this.layers.length;
  }

  /** The module at a place, counted from the end where that is negative. */
  at(index: number): Member | undefined {
    checkWhole('at', 'index', index, Number.NEGATIVE_INFINITY);
    return this.layers.at(index);
  }

  /** Adds modules at the end. */
  append(...layers: Member[]): this {
    this.layers.push(...checkedModules('append', layers));
    return this;
  }

  /** The modules, in order. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.layers.values();
  }

  override *children(): globalThis.Generator<[string, Module]> {
    for (const [name, child] of super.children()) yield [name.replace(/^layers\./, ''), child];
  }
}

/** Modules one after another; their names are `0`, `1`, … */
export class Sequential extends List<Layer> {
  constructor(...layers: Layer[]) {
    super('Sequential', layers);
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}

/**
 * Modules in a list, for a module that goes through them in a way of its own; their names are `0`, `1`, … A plain array does as
 * well.
 *
 * @typeParam Member - The class of its modules.
 */
export class ModuleList<Member extends Module = Layer> extends List<Member> {
  /** @param layers - Modules, in order. */
  constructor(layers: Iterable<Member> = []) {
    super('ModuleList', layers);
  }

  /** @throws {@link GraphError} since the module that holds the list knows how to go through it. */
  override forward(): never {
    throw new GraphError('ModuleList', 'has no forward of its own', 'call those of its modules');
  }
}

/**
 * A module with a way around it: $y = p(x) + f(x)$, p being the identity unless it is given.
 *
 * He, Zhang, Ren, Sun: "Deep residual learning for image recognition", CVPR 2016, equations 1 and 2.
 */
export class Residual extends Module {
  /** The f of the formula. */
  readonly body: Layer;
  /** The p of the formula; null for the identity. */
  readonly projection: Layer | null;

  /**
   * @param body - What x goes through.
   * @param options - `projection`, what brings x itself to the shape of the body's result; needed where that differs.
   */
  constructor(body: Layer, options?: { readonly projection?: Layer | null }) {
    super();
    const { projection } = readOptions('Residual', options, { projection: null });
    checkedModules('Residual', projection === null ? [body] : [body, projection]);
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
