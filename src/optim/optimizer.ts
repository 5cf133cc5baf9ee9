/**
 * @file The base of every optimizer: it binds parameters to new numbers, and keeps its own state as tensors.
 */
import { noGrad, within } from '../autograd/context.js';
import { full, zeros } from '../autograd/create.js';
import { launch } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkRange } from '../checks.js';
import { ArgumentError, GraphError } from '../errors.js';
import { loadState, type StateDict, stateOf } from '../state.js';

/** Makes state that no scope around it may free. */
function outliving<Result>(make: () => Result): Result {
  return within('optim', { scope: null }, make);
}

/** The base of every optimizer. */
export abstract class Optimizer {
  /** What is optimized. */
  readonly parameters: readonly Tensor[];
  /** The learning rate, as a scalar tensor: setting {@link Optimizer.lr} binds it to another number. */
  protected readonly lrTensor: Tensor;
  readonly #name: string;

  /**
   * @param name - For messages.
   * @param parameters - Leaves of one type on one device.
   * @param lr - The learning rate, 0 or more.
   */
  constructor(name: string, parameters: readonly Tensor[], lr: number) {
    const first = parameters[0];
    if (first === undefined) throw new ArgumentError(name, 'needs at least one parameter, got none');
    for (const parameter of parameters) {
      if (parameter.node !== null || !parameter.requiresGrad) {
        throw new GraphError(name, 'parameters must be leaves with requiresGrad');
      }
      if (parameter.dtype !== first.dtype || parameter.device !== first.device) {
        throw new ArgumentError(name, 'parameters must share one dtype and one device', 'use an optimizer for each');
      }
    }
    this.#name = name;
    this.parameters = [...parameters];
    checkRange(name, 'lr', lr);
    this.lrTensor = this.scalar(lr);
  }

  /** The learning rate. */
  get lr(): number {
    return this.lrTensor.item();
  }

  set lr(value: number) {
    checkRange(this.#name, 'lr', value);
    this.lrTensor.assign(this.scalar(value));
  }

  /** Forgets every gradient: `grad` is null again. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null;
  }

  /** One update of every parameter that has a gradient. */
  step(): void {
    noGrad(() => {
      this.beforeStep();
      this.parameters.forEach((parameter, index) => {
        const g = parameter.grad?.detach();
        if (g !== undefined) parameter.assign(this.updated(parameter.detach(), g, index));
      });
    });
  }

  /**
   * The learning rate and all running numbers by name, as PyTorch names them, for example `exp_avg.0` of the first parameter.
   * With the parameters themselves it is all that a training needs to go on as if it had never stopped.
   */
  stateDict(): StateDict {
    return stateOf(this.namedState());
  }

  /**
   * Takes back what {@link Optimizer.stateDict} gave, of an optimizer of the same kind and options. On an error nothing has
   * changed.
   *
   * @throws {@link ArgumentError} when a name is missing or unknown.
   * @throws {@link ShapeError} when a shape differs.
   */
  loadStateDict(state: StateDict): void {
    loadState(this.namedState(), state);
  }

  /** The tensors that {@link Optimizer.stateDict} holds; a subclass adds its own. */
  protected *namedState(): globalThis.Generator<[string, Tensor]> {
    yield ['lr', this.lrTensor];
  }

  /** What happens once a step, before any parameter. */
  protected beforeStep(): void {}

  /** The new numbers of one parameter `p` with gradient `g`. */
  protected abstract updated(p: Tensor, g: Tensor, index: number): Tensor;

  /** `w₀ x + w₁ y`, or `w₁ y²` where `squared`, in one kernel. */
  protected blend(x: Tensor, y: Tensor, weights: readonly [number, number], squared = false): Tensor {
    return launch(this.#name, 'blend', [x, y], { weights, squared, size: x.size }, x);
  }

  /** The gradient with weight decay as part of it. */
  protected decayed(g: Tensor, p: Tensor, weightDecay: number): Tensor {
    return weightDecay === 0 ? g : this.blend(g, p, [1, weightDecay]);
  }

  /** A scalar of the parameters' type, on their device. */
  protected scalar(value: number): Tensor {
    const { dtype, device } = this.parameters[0]!;
    return outliving(() => full([], value, { dtype, device }));
  }

  /** Zeros in the shape of every parameter: the start of a running average. */
  protected zerosLike(): Tensor[] {
    return outliving(() => this.parameters.map(({ shape, dtype, device }) => zeros(shape, { dtype, device })));
  }
}
