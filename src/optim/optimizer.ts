/**
 * @file The base of every optimizer: it binds parameters to new numbers, and keeps its own state as tensors.
 */
import { context, noGrad, within } from '../autograd/context.js';
import { full, zeros } from '../autograd/create.js';
import { checkTensors, launch } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkKind, checkRange } from '../checks.js';
import { cpu } from '../devices/cpu/index.js';
import type { Storage } from '../devices/device.js';
import { ArgumentError, GraphError } from '../errors.js';
import type { Shape } from '../shape.js';
import { listOf, loadState, type StateDict, stateOf } from '../state.js';
import { Watched } from '../watched.js';

/** Makes state that no scope around it may free. */
function outliving<Result>(make: () => Result): Result {
  return within('optim', { scope: null }, make);
}

/** Parameters, each once. */
export function listed(op: string, parameters: Iterable<Tensor>): Tensor[] {
  const list = [...new Set(listOf(op, 'tensors', parameters))];
  checkTensors(op, list);
  return list;
}

/** The numbers that scalars were made from, which their type may have rounded. */
const exact = new WeakMap<Storage, number>();

/**
 * The base of every optimizer. As in PyTorch, what it keeps of a parameter begins with the first step in which that has a gradient;
 * in others the parameter stays as it is.
 */
export abstract class Optimizer extends Watched {
  /** What is optimized, each once. */
  readonly parameters: readonly Tensor[];
  /** The learning rate, as a scalar tensor: setting {@link Optimizer.lr} binds it to another number. */
  protected readonly lrTensor: Tensor;
  readonly #name: string;

  /**
   * @param name - For messages.
   * @param parameters - Leaves of one type on one device, frozen or not. One that comes twice counts once.
   * @param lr - The learning rate, 0 or more.
   */
  constructor(name: string, parameters: Iterable<Tensor>, lr: number | undefined) {
    super();
    checkKind('Optimizer', 'name', name, 'string');
    this.parameters = listed(name, parameters);
    const first = this.parameters[0];
    if (first === undefined) throw new ArgumentError(name, 'needs at least one parameter, got none');
    for (const parameter of this.parameters) {
      if (!parameter.isTrainable) {
        throw new GraphError(name, 'parameters must be leaves with requiresGrad, or frozen ones that had it');
      }
      if (parameter.dtype !== first.dtype || parameter.device !== first.device) {
        throw new ArgumentError(name, 'parameters must share one dtype and one device', 'use an optimizer for each');
      }
    }
    this.#name = name;
    checkRange(name, 'lr', lr);
    this.lrTensor = this.scalar(lr);
  }

  /** The learning rate, as it was set. */
  get lr(): number {
    const known = exact.get(this.lrTensor.peek()[0]);
    // While a step is recorded the tensor refuses: the number would be frozen into the plan.
    return known === undefined || context().recorder !== null ? this.lrTensor.item() : known;
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
      const gradients = this.parameters.map(({ grad }) => grad?.detach());
      this.beforeStep(gradients.map((g) => g !== undefined));
      this.parameters.forEach((parameter, index) => {
        const g = gradients[index];
        if (g !== undefined) parameter.assign(this.updated(parameter.detach(), g, index));
      });
    });
  }

  /**
   * The learning rate and all running numbers by name, as PyTorch names them, for example `exp_avg.0` of the first parameter.
   * With the parameters themselves it is all that a training needs to go on as if it had never stopped.
   */
  stateDict(): StateDict {
    // In float64, which does not round it, wherever the parameters live.
    const lr = full([], this.lr, { dtype: 'float64', device: cpu });
    return { ...stateOf(this.namedState()), lr };
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
    const { lr } = state as { readonly lr: Tensor };
    if (!lr.device.asynchronous) exact.set(this.lrTensor.peek()[0], lr.item());
  }

  /** The tensors that {@link Optimizer.stateDict} holds; a subclass adds its own. */
  protected *namedState(): globalThis.Generator<[string, Tensor]> {
    yield ['lr', this.lrTensor];
  }

  /** What happens once a step, before any parameter; `isMoved` says which of them have a gradient. */
  protected beforeStep(_isMoved: readonly boolean[]): void {}

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
    const scalar = outliving(() => full([], value, { dtype, device }));
    exact.set(scalar.peek()[0], value);
    return scalar;
  }

  /** Zeros of the parameters' type, on their device. */
  protected zeros(shape: Shape): Tensor {
    const { dtype, device } = this.parameters[0]!;
    return outliving(() => zeros(shape, { dtype, device }));
  }

  /** Zeros in the shape of every parameter: the start of a running average. */
  protected zerosLike(): Tensor[] {
    return this.parameters.map(({ shape }) => this.zeros(shape));
  }
}
