/**
 * @file The base of every layer: finds its parameters, buffers and children by looking at its own properties.
 */
import { context } from '../autograd/context.js';
import { scope } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import type { Device } from '../devices/device.js';
import { to } from '../ops/layout.js';
import { loadState, type StateDict, stateOf } from '../state.js';

/** A leaf that a module trains. */
export class Parameter extends Tensor {
  /** @param value - The first numbers; its graph is not taken over. */
  constructor(value: Tensor) {
    super({ storage: value.storage, shape: value.shape, device: value.device, requiresGrad: true });
  }
}

/** A leaf that belongs to a module's state and is not trained, for example a running average. */
export class Buffer extends Tensor {
  /** Its name in a state; null for that of the property that holds it. */
  readonly key: string | null;

  /**
   * @param value - The first numbers; its graph is not taken over.
   * @param key - Its name in a state, where PyTorch spells it in another way. Default: the property's.
   */
  constructor(value: Tensor, key: string | null = null) {
    super({ storage: value.storage, shape: value.shape, device: value.device });
    // It lives as long as its module: no scope around it frees it.
    this.bind(this.storage);
    this.key = key;
  }
}

/** The tensors of a module and of all modules inside that are wanted, by path. */
function* named<T extends Tensor>(
  module: Module,
  isWanted: (value: unknown) => value is T,
  prefix: string,
): globalThis.Generator<[string, T]> {
  for (const [name, value] of Object.entries(module)) {
    if (isWanted(value)) yield [prefix + ((value instanceof Buffer && value.key) || name), value];
  }
  for (const [name, child] of module.children()) yield* named(child, isWanted, `${prefix}${name}.`);
}

const isParameter = (value: unknown): value is Parameter => value instanceof Parameter;
const isBuffer = (value: unknown): value is Buffer => value instanceof Buffer;
const isState = (value: unknown): value is Parameter | Buffer => isParameter(value) || isBuffer(value);

/**
 * The base of every layer. A subclass keeps parameters, buffers and children as properties and writes `forward`; where
 * children are elsewhere, in an array for example, it overrides {@link Module.children}.
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
  namedParameters(prefix = ''): globalThis.Generator<[string, Parameter]> {
    return named(this, isParameter, prefix);
  }

  /** Every buffer inside, by its path, for example `1.running_mean`. */
  namedBuffers(prefix = ''): globalThis.Generator<[string, Buffer]> {
    return named(this, isBuffer, prefix);
  }

  /** Every parameter inside, for an optimizer. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** The numbers of parameters and buffers by name; later training does not change what it returned. */
  stateDict(): StateDict {
    return stateOf(named(this, isState, ''));
  }

  /**
   * Binds every parameter and buffer to the numbers of `state`. On an error nothing has changed.
   *
   * @throws {@link ArgumentError} when a name is missing or unknown.
   * @throws {@link ShapeError} when a shape differs.
   */
  loadStateDict(state: StateDict): void {
    loadState(named(this, isState, ''), state);
  }

  /** Binds every parameter and buffer, the same objects, to their numbers on `device`. */
  to(device: Device): this {
    scope(() => {
      for (const [, leaf] of named(this, isState, '')) leaf.assign(to(leaf.detach(), device));
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
