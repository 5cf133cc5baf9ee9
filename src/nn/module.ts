/**
 * @file The base of every layer: finds its parameters and children by looking at its own properties.
 */
import { context } from '../autograd/context.js';
import { scope } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device } from '../devices/device.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { cast } from '../ops/comparison.js';
import { to } from '../ops/layout.js';
import { formatShape, sameShape } from '../shape.js';

/** A leaf that a module trains. */
export class Parameter extends Tensor {
  /** @param value - The first numbers; its graph is not taken over. */
  constructor(value: Tensor) {
    super({ storage: value.storage, shape: value.shape, device: value.device, requiresGrad: true });
  }
}

/** Tensors by name, for example `{ '0.weight': … }`, as PyTorch names them. */
export type StateDict = Record<string, Tensor>;

/**
 * The base of every layer. A subclass keeps parameters and children as properties (or arrays of modules) and writes
 * `forward`.
 */
export abstract class Module {
  #training = true;

  /** Whether the module is being trained; set by {@link Module.train} and {@link Module.eval}. */
  get training(): boolean {
    context().recorder?.depends(() => this.#training);
    return this.#training;
  }

  /** What the module computes. */
  abstract forward(x: Tensor): Tensor;

  /** The modules directly inside, by name. */
  *children(): globalThis.Generator<[string, Module]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) yield [name, value];
    }
  }

  /** Every parameter inside, by its path, for example `0.weight`. */
  *namedParameters(prefix = ''): globalThis.Generator<[string, Parameter]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Parameter) yield [prefix + name, value];
    }
    for (const [name, child] of this.children()) yield* child.namedParameters(`${prefix}${name}.`);
  }

  /** Every parameter inside, for an optimizer. */
  parameters(): Parameter[] {
    return [...this.namedParameters()].map(([, parameter]) => parameter);
  }

  /** The parameters' numbers by name; later training does not change what it returned. */
  stateDict(): StateDict {
    return Object.fromEntries([...this.namedParameters()].map(([name, parameter]) => [name, parameter.detach()]));
  }

  /**
   * Binds every parameter to the numbers of `state`. On an error nothing has changed.
   *
   * @throws {@link ArgumentError} when a name is missing or unknown.
   * @throws {@link ShapeError} when a shape differs.
   */
  loadStateDict(state: StateDict): void {
    const own = new Map(this.namedParameters());
    const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
    const unknown = Object.keys(state).filter((name) => !own.has(name));
    if (missing.length > 0 || unknown.length > 0) {
      throw new ArgumentError(
        'loadStateDict',
        `names differ: missing [${missing.join(', ')}], unknown [${unknown.join(', ')}]`,
      );
    }
    for (const [name, parameter] of own) {
      if (!sameShape(parameter.shape, state[name]!.shape)) {
        const shapes = `${formatShape(parameter.shape)}, got ${formatShape(state[name]!.shape)}`;
        throw new ShapeError('loadStateDict', `${name} must have shape ${shapes}`);
      }
    }
    scope(() => {
      const values = [...own].map(([name, parameter]) =>
        to(cast(state[name]!.detach(), parameter.dtype), parameter.device),
      );
      [...own.values()].forEach((parameter, index) => {
        parameter.assign(values[index]!);
      });
    });
  }

  /** Binds every parameter, the same objects, to their numbers on `device`. */
  to(device: Device): this {
    scope(() => {
      for (const parameter of this.parameters()) parameter.assign(to(parameter.detach(), device));
    });
    return this;
  }

  /** Sets {@link Module.training} here and in every module inside. */
  train(training = true): this {
    this.#training = training;
    for (const [, child] of this.children()) child.train(training);
    return this;
  }

  /** The opposite of {@link Module.train}. */
  eval(): this {
    return this.train(false);
  }
}
