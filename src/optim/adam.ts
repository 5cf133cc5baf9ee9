/** @file Adam, and AdamW with decoupled weight decay. */
import { tensor } from '../autograd/create.js';
import { launch } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkRange, readOptions, wrong } from '../checks.js';
import { add, mul, neg } from '../ops/arithmetic.js';
import { broadcastTo } from '../ops/layout.js';
import { expm1 } from '../ops/transcendental.js';
import type { StateDict } from '../state.js';
import { Optimizer } from './optimizer.js';

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: number;
  /** How slowly the running averages of gradient and squared gradient forget. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Keeps the division finite. Default 1e-8. */
  readonly eps?: number;
  /** Pulls every parameter towards 0. Default 0 for Adam, 0.01 for AdamW. */
  readonly weightDecay?: number;
}

/**
 * Adam, as `torch.optim.Adam`: $m \leftarrow \beta_1 m + (1-\beta_1) g$, $v \leftarrow \beta_2 v + (1-\beta_2) g^2$,
 * $p \leftarrow p - \eta \frac{m / (1-\beta_1^t)}{\sqrt{v / (1-\beta_2^t)} + \varepsilon}$; weight decay is part of g. The t of a
 * parameter counts the steps in which it had a gradient.
 *
 * Kingma, Ba: "Adam: a method for stochastic optimization", ICLR 2015.
 */
export class Adam extends Optimizer {
  readonly #betas: readonly [number, number];
  readonly #eps: number;
  readonly #weightDecay: number;
  readonly #decoupled: boolean;
  readonly #means: Tensor[];
  readonly #squares: Tensor[];
  /** The t of each parameter, in one vector: they cost what one would. */
  readonly #steps: Tensor;
  #corrections: readonly [Tensor, Tensor] | null = null;

  /**
   * @param parameters - What is optimized; one that comes twice counts once.
   * @param variant - Which of the two it is; `AdamW` says it itself.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(parameters: Iterable<Tensor>, options?: AdamOptions, variant: 'Adam' | 'AdamW' = 'Adam') {
    const decoupled = variant === 'AdamW';
    const read = readOptions(variant, options, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: decoupled ? 0.01 : 0,
    });
    const { lr, betas, eps, weightDecay } = read;
    super(variant, parameters, lr);
    if (!Array.isArray(betas) || betas.length !== 2) {
      throw wrong(variant, 'betas', 'two numbers', betas);
    }
    checkRange(variant, 'betas[0]', betas[0], 0, 1);
    checkRange(variant, 'betas[1]', betas[1], 0, 1);
    checkRange(variant, 'eps', eps);
    checkRange(variant, 'weightDecay', weightDecay);
    this.#betas = [betas[0], betas[1]];
    this.#eps = eps;
    this.#weightDecay = weightDecay;
    this.#decoupled = decoupled;
    this.#means = this.zerosLike();
    this.#squares = this.zerosLike();
    this.#steps = this.zeros([this.parameters.length]);
  }

  protected override *namedState(): globalThis.Generator<[string, Tensor]> {
    yield* super.namedState();
    yield ['step', this.#steps];
    for (const [index, mean] of this.#means.entries()) yield [`exp_avg.${index}`, mean];
    for (const [index, square] of this.#squares.entries()) yield [`exp_avg_sq.${index}`, square];
  }

  override loadStateDict(state: StateDict): void {
    const { step } = state ?? {};
    // Older states have one count for all.
    super.loadStateDict(step?.rank === 0 ? { ...state, step: broadcastTo(step, this.#steps.shape) } : state);
  }

  protected override beforeStep(isMoved: readonly boolean[]): void {
    const { dtype, device } = this.#steps;
    const ones = isMoved.every(Boolean) ? 1 : tensor(isMoved.map(Number), { dtype, device });
    this.#steps.assign(add(this.#steps, ones));
    // 1 - β^t without the loss of digits that float32 would have near β^t = 1.
    const correction = (beta: number): Tensor => neg(expm1(mul(this.#steps, Math.log(beta))));
    this.#corrections = [correction(this.#betas[0]), correction(this.#betas[1])];
  }

  protected override updated(p: Tensor, gradient: Tensor, index: number): Tensor {
    const g = this.#decoupled ? gradient : this.decayed(gradient, p, this.#weightDecay);
    const [beta1, beta2] = this.#betas;
    const mean = this.#means[index]!.assign(this.blend(this.#means[index]!, g, [beta1, 1 - beta1]));
    const square = this.#squares[index]!.assign(this.blend(this.#squares[index]!, g, [beta2, 1 - beta2], true));
    const inputs = [p, mean, square, ...this.#corrections!, this.lrTensor];
    const spec = { eps: this.#eps, decay: this.#decoupled ? this.#weightDecay : 0, index, size: p.size };
    return launch('Adam', 'adam', inputs, spec, p);
  }
}

/**
 * Adam with decoupled weight decay, as `torch.optim.AdamW`: $p \leftarrow (1 - \eta\lambda) p$ before Adam's update.
 *
 * Loshchilov, Hutter: "Decoupled weight decay regularization", ICLR 2019.
 */
export class AdamW extends Adam {
  /**
   * @param parameters - What is optimized; one that comes twice counts once.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(parameters: Iterable<Tensor>, options?: AdamOptions) {
    super(parameters, options, 'AdamW');
  }
}
