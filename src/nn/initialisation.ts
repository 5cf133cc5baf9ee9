/** @file What layers that hold weights are made with. */
import { rand, zeros } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import type { Read } from '../checks.js';
import type { DType } from '../dtype.js';
import { add, mul } from '../ops/arithmetic.js';
import { Generator } from '../random.js';
import { type Shape, sizeOf } from '../shape.js';
import { Parameter } from '../state.js';

/** Options of every layer that holds numbers. */
export interface LayerOptions {
  /** Default `float32`. */
  readonly dtype?: DType;
}

/** Options of layers whose first weights are random. */
export interface WeightOptions extends LayerOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Where the first weights come from. Default: the generator that {@link manualSeed} seeds. */
  readonly generator?: Generator;
  /** Zeros in place of random first weights, where others are loaded at once. @internal */
  readonly blank?: boolean;
}

/** The defaults of {@link WeightOptions}. */
export const WEIGHTS = { bias: true, dtype: 'float32', generator: undefined, blank: false } as const;

/**
 * A weight `[out, …]`, and a bias `[out]` or null, both uniform in ±1/√n for the n inputs of each output: Kaiming's uniform
 * with a = √5, as PyTorch's layers start.
 */
export function uniformWeights(
  shape: Shape,
  options: Read<WeightOptions, typeof WEIGHTS>,
): { readonly weight: Parameter; readonly bias: Parameter | null } {
  const { bias, dtype, generator, blank } = options;
  if (generator !== undefined) Generator.check('Module', generator);
  const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
  const uniform = (sizes: Shape): Tensor =>
    add(mul(rand(sizes, { dtype, ...(generator && { generator }) }), 2 * bound), -bound);
  const first = (sizes: Shape): Parameter => new Parameter(blank ? zeros(sizes, { dtype }) : uniform(sizes));
  return { weight: first(shape), bias: bias ? first(shape.slice(0, 1)) : null };
}
