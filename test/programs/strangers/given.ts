/** @file What every program is given. */
import type { nn, Tensor } from '../../../src/index.js';

/** What programs learn from, and their first weights. */
export interface Given {
  readonly data: Readonly<Record<string, Tensor>>;
  readonly state: nn.StateDict;
  /** `compile`, or nothing. */
  readonly wrap: <Args extends readonly unknown[], Result>(
    step: (...args: Args) => Result,
  ) => (...args: Args) => Result;
}

/** What comes of a program: the loss of each of its steps, and what it learned. */
export interface Learned {
  readonly losses: readonly number[];
  readonly module: nn.Module;
}

/** How many steps each program makes. */
export const STEPS = 50;

/** Numbers are in double precision, to be compared with PyTorch's. */
export const double: { readonly dtype: 'float64' } = { dtype: 'float64' };
