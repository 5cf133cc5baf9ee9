/** @file How wrong a difference quotient is, by its step, in both float types. */
import { grad, type Tensor, tensor } from '../../../../src/index.js';

/** A float type of the library. */
export type Float = 'float32' | 'float64';

/** How a difference is taken: to both sides, or to one. */
export type Kind = 'central' | 'oneSided';

/** A function of one number, by name. */
export type FunctionName = 'exp' | 'tanh' | 'cube';

/** The functions, by name. */
export const functions: Readonly<
  Record<FunctionName, { readonly label: string; readonly apply: (x: Tensor) => Tensor }>
> = {
  exp: { label: 'exp x', apply: (x) => x.exp() },
  tanh: { label: 'tanh x', apply: (x) => x.tanh() },
  cube: { label: 'x³', apply: (x) => x.mul(x).mul(x) },
};

/** The steps: so many decades below 1 … */
export const SMALLEST = -14;
/** … and this fine. */
export const PER_DECADE = 4;

/** A difference quotient and how far it is from the derivative. */
export interface Difference {
  readonly step: number;
  readonly quotient: number;
  readonly error: number;
}

/** The derivative, by the backward pass in float64. */
export function derivative(name: FunctionName, x: number): number {
  const leaf = tensor(x, { dtype: 'float64', requiresGrad: true });
  return grad(functions[name].apply(leaf), [leaf])[0]!.item();
}

/** A difference quotient of values that the library computes in a float type. */
export function differenceAt(name: FunctionName, x: number, step: number, dtype: Float, kind: Kind): Difference {
  const value = (at: number): number => functions[name].apply(tensor(at, { dtype })).item();
  const quotient =
    kind === 'central' ? (value(x + step) - value(x - step)) / (2 * step) : (value(x + step) - value(x)) / step;
  return { step, quotient, error: Math.abs(quotient - derivative(name, x)) };
}

/** The differences for all steps, the largest first. */
export function errorsOf(name: FunctionName, x: number, dtype: Float, kind: Kind): Difference[] {
  return Array.from({ length: 1 - SMALLEST * PER_DECADE }, (_, i) =>
    differenceAt(name, x, 10 ** (-i / PER_DECADE), dtype, kind),
  );
}

/** The step with the least error. */
export const bestOf = (differences: readonly Difference[]): Difference =>
  differences.reduce((best, difference) => (difference.error < best.error ? difference : best));
