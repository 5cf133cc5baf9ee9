/** @file Stochastic gradient descent. */
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { mul, sub } from '../ops/arithmetic.js';
import { Optimizer } from './optimizer.js';

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** The learning rate. */
  readonly lr: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Look ahead along the momentum. Default false. */
  readonly nesterov?: boolean;
  /** Pulls every parameter towards 0, as part of its gradient. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD`:
 * $v \leftarrow \mu v + g + \lambda p$, $p \leftarrow p - \eta v$; with Nesterov's momentum $p \leftarrow p - \eta (g + \lambda p + \mu v)$.
 */
export class SGD extends Optimizer {
  readonly #momentum: number;
  readonly #nesterov: boolean;
  readonly #weightDecay: number;
  readonly #velocities: Tensor[];

  /**
   * @param parameters - What is optimized; one that comes twice counts once.
   * @throws {@link ArgumentError} when an option is out of range, or `nesterov` comes without momentum.
   */
  constructor(parameters: Iterable<Tensor>, options: SGDOptions) {
    const read = readOptions('SGD', options, { lr: undefined, momentum: 0, nesterov: false, weightDecay: 0 });
    const { lr, momentum, nesterov, weightDecay } = read;
    super('SGD', parameters, lr);
    checkRange('SGD', 'momentum', momentum);
    checkRange('SGD', 'weightDecay', weightDecay);
    if (nesterov && momentum === 0) throw new ArgumentError('SGD', 'nesterov needs a momentum above 0, got 0');
    this.#momentum = momentum;
    this.#nesterov = nesterov;
    this.#weightDecay = weightDecay;
    this.#velocities = momentum === 0 ? [] : this.zerosLike();
  }

  protected override *namedState(): globalThis.Generator<[string, Tensor]> {
    yield* super.namedState();
    for (const [index, velocity] of this.#velocities.entries()) yield [`momentum_buffer.${index}`, velocity];
  }

  protected override updated(p: Tensor, gradient: Tensor, index: number): Tensor {
    const g = this.decayed(gradient, p, this.#weightDecay);
    if (this.#momentum === 0) return sub(p, mul(g, this.lrTensor));
    const velocity = this.blend(this.#velocities[index]!, g, [this.#momentum, 1]);
    this.#velocities[index]!.assign(velocity);
    const direction = this.#nesterov ? this.blend(g, velocity, [1, this.#momentum]) : velocity;
    return sub(p, mul(direction, this.lrTensor));
  }
}
