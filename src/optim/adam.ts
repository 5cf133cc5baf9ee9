/** @file Adam, and AdamW with decoupled weight decay. */
import type { Tensor } from '../autograd/tensor.js';
import { add, div, mul, neg, square, sub } from '../ops/arithmetic.js';
import { expm1, sqrt } from '../ops/transcendental.js';
import { checkRange, Optimizer } from './optimizer.js';

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
 * $p \leftarrow p - \eta \frac{m / (1-\beta_1^t)}{\sqrt{v / (1-\beta_2^t)} + \varepsilon}$; weight decay is part of g.
 *
 * Kingma, Ba: "Adam: a method for stochastic optimization", ICLR 2015.
 */
export class Adam extends Optimizer {
  /** Pulls every parameter towards 0. */
  protected readonly weightDecay: number;
  readonly #betas: readonly [number, number];
  readonly #eps: number;
  readonly #means: Tensor[];
  readonly #squares: Tensor[];
  readonly #count: Tensor;
  #corrections: readonly [Tensor, Tensor] | null = null;

  /** @throws {@link ArgumentError} when an option is out of range. */
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}, name = 'Adam', defaultDecay = 0) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = defaultDecay } = options;
    super(name, parameters, lr);
    checkRange(name, 'betas[0]', betas[0], 0, 1);
    checkRange(name, 'betas[1]', betas[1], 0, 1);
    checkRange(name, 'eps', eps, 0, Number.POSITIVE_INFINITY);
    checkRange(name, 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY);
    this.#betas = betas;
    this.#eps = eps;
    this.weightDecay = weightDecay;
    this.#means = this.zerosLike();
    this.#squares = this.zerosLike();
    this.#count = this.scalar(0);
  }

  protected override beforeStep(): void {
    this.#count.assign(add(this.#count, 1));
    // 1 - β^t without the loss of digits that float32 would have near β^t = 1.
    const correction = (beta: number): Tensor => neg(expm1(mul(this.#count, Math.log(beta))));
    this.#corrections = [correction(this.#betas[0]), correction(this.#betas[1])];
  }

  /** The gradient that the averages see. */
  protected decayedGradient(p: Tensor, g: Tensor): Tensor {
    return this.weightDecay === 0 ? g : add(g, mul(p, this.weightDecay));
  }

  protected override updated(p: Tensor, gradient: Tensor, index: number): Tensor {
    const g = this.decayedGradient(p, gradient);
    const [beta1, beta2] = this.#betas;
    const [correction1, correction2] = this.#corrections!;
    const mean = this.#means[index]!.assign(add(mul(this.#means[index]!, beta1), mul(g, 1 - beta1)));
    const meanSquare = this.#squares[index]!.assign(add(mul(this.#squares[index]!, beta2), mul(square(g), 1 - beta2)));
    const scale = add(div(sqrt(meanSquare), sqrt(correction2)), this.#eps);
    return sub(p, mul(div(mean, scale), div(this.lrTensor, correction1)));
  }
}

/**
 * Adam with decoupled weight decay, as `torch.optim.AdamW`: $p \leftarrow (1 - \eta\lambda) p$ before Adam's update.
 *
 * Loshchilov, Hutter: "Decoupled weight decay regularization", ICLR 2019.
 */
export class AdamW extends Adam {
  /** @throws {@link ArgumentError} when an option is out of range. */
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    super(parameters, options, 'AdamW', 0.01);
  }

  protected override decayedGradient(_: Tensor, g: Tensor): Tensor {
    return g;
  }

  protected override updated(p: Tensor, g: Tensor, index: number): Tensor {
    return super.updated(mul(p, sub(1, mul(this.lrTensor, this.weightDecay))), g, index);
  }
}
