/** @file How the learning rate changes while a model is trained. */
import { context } from '../autograd/context.js';
import { checkKind, checkPositive, checkRange, checkWhole, describe, readOptions } from '../checks.js';
import { ArgumentError } from '../errors.js';

/** What a schedule sets: an optimizer, or anything else with a learning rate. */
export interface HasLearningRate {
  lr: number;
}

/** What every schedule is told. */
export interface ScheduleOptions {
  /** The learning rate η that the schedule starts from. Default: the optimizer's when the schedule is made. */
  readonly lr?: number;
  /**
   * For how many steps w the rate first grows: step t < w has η (t + 1) / (w + 1), and the schedule itself begins at step w.
   * Default 0.
   */
  readonly warmUp?: number;
}

/** The defaults of {@link ScheduleOptions}. */
const SCHEDULE = { lr: undefined, warmUp: 0 } as const;

/** The state of a schedule, plain JSON. */
export interface ScheduleState {
  /** The learning rate that it starts from. */
  readonly lr: number;
  /** How many steps it has made. */
  readonly step: number;
}

/**
 * The base of every schedule. It sets the optimizer's learning rate when it is made and at each {@link Schedule.step}: call
 * that once a training step or once an epoch, in the unit that the options count in. The rate depends on the number of
 * steps alone, and a compiled step takes it up without being written down anew.
 */
export abstract class Schedule {
  readonly #optimizer: HasLearningRate;
  readonly #warmUp: number;
  #base: number;
  #step = 0;

  /**
   * @param name - What messages call it.
   * @param optimizer - Whose learning rate it sets.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(
    name: string,
    optimizer: HasLearningRate,
    options?: { readonly [Name in keyof ScheduleOptions]: ScheduleOptions[Name] | undefined },
  ) {
    checkKind('Schedule', 'name', name, 'string');
    if (typeof (optimizer as HasLearningRate | null)?.lr !== 'number' || 'warmUp' in optimizer) {
      throw new ArgumentError(name, `needs an optimizer, got ${describe(optimizer)}`);
    }
    const { lr: base = optimizer.lr, warmUp } = readOptions(name, options, SCHEDULE);
    checkRange(name, 'lr', base);
    checkWhole(name, 'warmUp', warmUp, 0);
    this.#optimizer = optimizer;
    this.#base = base;
    this.#warmUp = warmUp;
  }

  /** The learning rate of the next training step. */
  get lr(): number {
    const [t, w] = [this.#step, this.#warmUp];
    return t < w ? (this.#base * (t + 1)) / (w + 1) : this.at(t - w, this.#base);
  }

  /** Goes on by one step. */
  step(): void {
    context().recorder?.counts('Schedule.step');
    this.#step++;
    this.apply();
  }

  /** Where the schedule stands: plain JSON. */
  stateDict(): ScheduleState {
    return { lr: this.#base, step: this.#step };
  }

  /**
   * Goes on from where a schedule of the same kind and options stood, and sets the optimizer's learning rate.
   *
   * @throws {@link ArgumentError} when the state is none.
   */
  loadStateDict(state: ScheduleState): void {
    const { lr, step } = readOptions('loadStateDict', state, { lr: undefined, step: undefined });
    checkRange('loadStateDict', 'lr', lr);
    checkWhole('loadStateDict', 'step', step, 0);
    this.#base = lr;
    this.#step = step;
    this.apply();
  }

  /** Sets the optimizer's learning rate; a subclass calls it at the end of its constructor. */
  protected apply(): void {
    this.#optimizer.lr = this.lr;
  }

  /** The learning rate after `t` steps, counted from the end of the warm-up. */
  protected abstract at(t: number, lr: number): number;
}

/** Always the same learning rate, after the warm-up: $\eta_t = \eta$. */
export class ConstantLR extends Schedule {
  /**
   * @param optimizer - Whose learning rate it sets.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(optimizer: HasLearningRate, options?: ScheduleOptions) {
    super('ConstantLR', optimizer, readOptions('ConstantLR', options, SCHEDULE));
    this.apply();
  }

  protected override at(_: number, lr: number): number {
    return lr;
  }
}

/** Options of {@link StepLR}. */
export interface StepLROptions extends ScheduleOptions {
  /** The s of the formula, a whole number. */
  readonly stepSize: number;
  /** The γ of the formula. Default 0.1. */
  readonly gamma?: number;
}

/** The learning rate falls by a factor every few steps, as `torch.optim.lr_scheduler.StepLR`: $\eta_t = \eta\,\gamma^{\lfloor t / s \rfloor}$. */
export class StepLR extends Schedule {
  readonly #stepSize: number;
  readonly #gamma: number;

  /**
   * @param optimizer - Whose learning rate it sets.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(optimizer: HasLearningRate, options: StepLROptions) {
    const read = readOptions('StepLR', options, { ...SCHEDULE, stepSize: undefined, gamma: 0.1 });
    const { stepSize, gamma, ...schedule } = read;
    super('StepLR', optimizer, schedule);
    checkWhole('StepLR', 'stepSize', stepSize);
    checkPositive('StepLR', 'gamma', gamma);
    this.#stepSize = stepSize;
    this.#gamma = gamma;
    this.apply();
  }

  protected override at(t: number, lr: number): number {
    return lr * this.#gamma ** Math.floor(t / this.#stepSize);
  }
}

/** Options of {@link CosineAnnealingLR}. */
export interface CosineAnnealingOptions extends ScheduleOptions {
  /** The T of the formula, after which the rate is at its minimum: a whole number. */
  readonly tMax: number;
  /** The minimum m of the formula. Default 0. */
  readonly minimum?: number;
}

/**
 * The learning rate goes down half a cosine, as `torch.optim.lr_scheduler.CosineAnnealingLR`:
 * $\eta_t = m + \tfrac12 (\eta - m)(1 + \cos(\pi t / T))$; beyond T it goes up again.
 *
 * Loshchilov, Hutter: "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export class CosineAnnealingLR extends Schedule {
  readonly #tMax: number;
  readonly #minimum: number;

  /**
   * @param optimizer - Whose learning rate it sets.
   * @throws {@link ArgumentError} when an option is out of range.
   */
  constructor(optimizer: HasLearningRate, options: CosineAnnealingOptions) {
    const read = readOptions('CosineAnnealingLR', options, { ...SCHEDULE, tMax: undefined, minimum: 0 });
    const { tMax, minimum, ...schedule } = read;
    super('CosineAnnealingLR', optimizer, schedule);
    checkWhole('CosineAnnealingLR', 'tMax', tMax);
    checkRange('CosineAnnealingLR', 'minimum', minimum);
    this.#tMax = tMax;
    this.#minimum = minimum;
    this.apply();
  }

  protected override at(t: number, lr: number): number {
    return this.#minimum + 0.5 * (lr - this.#minimum) * (1 + Math.cos((Math.PI * t) / this.#tMax));
  }
}
