/** @file What a program is run with: this project's optimizers, eagerly or compiled, or plain loops that were written beside them. */
import type { Tensor } from '../../src/index.js';
import { compile, optim, tensor } from '../../src/index.js';
import type { Trained } from './program.js';

/** A step as it is called. */
export type Run = (...given: readonly unknown[]) => Tensor[];

/** An optimizer, as far as a program asks. */
export interface Trainer {
  lr: number;
  zeroGrad(): void;
  step(): void;
  clip(most: number): void;
  /** Keeps its state; what it returns goes back to it. */
  keep(): () => void;
}

/** What a program is run with. */
export interface Tools {
  readonly dtype: 'float32' | 'float64';
  compile(step: Run): Run;
  /** Whether a step that throws changes nothing. */
  readonly rollsBack: boolean;
  /**
   * @param found - What the modules say that they have.
   * @param described - What they have by the description: a tensor of a layer that comes twice comes twice.
   */
  trainer(trained: Trained, found: readonly Tensor[], described: readonly Tensor[]): Trainer;
}

function libraryTrainer({ kind, options }: Trained, found: readonly Tensor[]): Trainer {
  const optimizer = new optim[kind](found, options as unknown as optim.SGDOptions);
  return Object.assign(optimizer, {
    clip: (most: number) => void optim.clipGradNorm(found, most),
    keep: () => {
      const state = optimizer.stateDict();
      return () => optimizer.loadStateDict(state);
    },
  });
}

/** This project, step by step. */
export const eager = (dtype: Tools['dtype']): Tools => ({
  dtype,
  compile: (step) => step,
  rollsBack: false,
  trainer: libraryTrainer,
});

/** This project, compiled: by WebAssembly in float32, by the generic executor in float64. */
export const compiled = (dtype: Tools['dtype'], seen: (executor: string) => void = () => {}): Tools => ({
  ...eager(dtype),
  rollsBack: true,
  compile: (step) => {
    const replayed = compile(step);
    return (...given) => {
      const results = replayed(...given);
      if (replayed.plan !== null) seen(replayed.plan.executor);
      return results;
    };
  },
});

/** What an optimizer of plain loops keeps of a parameter. */
interface Kept {
  steps: number;
  readonly first: number[];
  readonly second: number[];
}

/** The three optimizers by PyTorch's documentation, a number at a time, and a count of steps for each parameter. */
export class PlainTrainer implements Trainer {
  lr: number;
  protected readonly parameters: readonly Tensor[];
  readonly #trained: Trained;
  protected kept: Map<Tensor, Kept> = new Map();

  constructor(trained: Trained, parameters: readonly Tensor[]) {
    this.#trained = trained;
    this.parameters = parameters;
    this.lr = trained.options.lr as number;
  }

  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null;
  }

  clip(most: number): void {
    const gradients = this.parameters.flatMap(({ grad }) => (grad === null ? [] : [...grad.dataSync()]));
    const factor = Math.min(1, most / (Math.hypot(...gradients) + 1e-6));
    for (const parameter of this.parameters) {
      const { grad, shape, dtype } = parameter;
      if (grad !== null)
        parameter.grad = tensor(
          Array.from(grad.dataSync(), (g) => g * factor),
          { shape, dtype },
        );
    }
  }

  step(): void {
    for (const parameter of this.parameters) {
      const { grad, shape, dtype, size } = parameter;
      if (grad === null) continue;
      const zeros = (): number[] => Array.from({ length: size }, () => 0);
      const kept = this.kept.get(parameter) ?? { steps: 0, first: zeros(), second: zeros() };
      this.kept.set(parameter, kept);
      kept.steps++;
      const [numbers, gradients] = [parameter.dataSync(), grad.dataSync()];
      const moved = Array.from(numbers, (p, i) => this.#moved(p, gradients[i]!, kept, i));
      parameter.assign(tensor(moved, { shape, dtype }));
    }
  }

  #moved(p: number, gradient: number, kept: Kept, i: number): number {
    const { kind, options } = this.#trained;
    const decay = options.weightDecay as number;
    const g = kind === 'AdamW' ? gradient : gradient + decay * p;
    const { first, second } = kept;
    if (kind === 'SGD') {
      const momentum = options.momentum as number;
      first[i] = momentum * first[i]! + g;
      return p - this.lr * (options.nesterov ? g + momentum * first[i]! : first[i]!);
    }
    first[i] = 0.9 * first[i]! + 0.1 * g;
    second[i] = 0.999 * second[i]! + 0.001 * g * g;
    const steps = this.count(kept);
    const [mean, square] = [first[i]! / (1 - 0.9 ** steps), second[i]! / (1 - 0.999 ** steps)];
    const start = kind === 'AdamW' ? p * (1 - this.lr * decay) : p;
    return start - (this.lr * mean) / (Math.sqrt(square) + (options.eps as number));
  }

  /** How many steps a parameter has made. */
  protected count({ steps }: { readonly steps: number }): number {
    return steps;
  }

  keep(): () => void {
    const [{ lr }, kept] = [this, structuredCloneOf(this.kept)];
    return () => {
      this.lr = lr;
      this.kept = structuredCloneOf(kept);
    };
  }
}

const structuredCloneOf = (kept: ReadonlyMap<Tensor, Kept>): Map<Tensor, Kept> =>
  new Map(
    [...kept].map(([parameter, { steps, first, second }]) => [
      parameter,
      { steps, first: [...first], second: [...second] },
    ]),
  );

/** Plain loops over each parameter once, by the description. */
export const byHand: Tools = {
  ...eager('float64'),
  trainer: (trained, _, described) => new PlainTrainer(trained, [...new Set(described)]),
};
