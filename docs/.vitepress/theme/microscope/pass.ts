/** @file A backward pass as far as a step: which gradients have arrived, and from where. */
import type { Numbers, Trace, TraceFlow, TraceTensor } from '../../../../src/explain/index.js';

/** What one use of a tensor added to its gradient. */
export interface Contribution {
  /** The step that added it: 0 is the start, at the loss itself. */
  readonly step: number;
  /** The result that the tensor was used for; null at the loss. */
  readonly from: number | null;
  readonly gradient: Numbers | null;
  /** The sum so far, this one included. */
  readonly total: Numbers | null;
}

/** For each tensor what adds to its gradient, in the order of the steps. */
export function contributionsOf({ tensors, loss, steps }: Trace): readonly (readonly Contribution[])[] {
  const all = tensors.map((): Contribution[] => []);
  const { gradient } = tensors[loss]!;
  all[loss]!.push({ step: 0, from: null, gradient, total: gradient });
  for (const [i, { tensor, flows }] of steps.entries()) {
    for (const { to, gradient, total } of flows) all[to]!.push({ step: i + 1, from: tensor, gradient, total });
  }
  return all;
}

/** Those of a tensor's contributions that have arrived at a step. */
export const arrived = (contributions: readonly Contribution[], step: number): readonly Contribution[] =>
  contributions.filter((contribution) => contribution.step <= step);

/** The letters that the formula of an operation has for its inputs, in their order. */
export function lettersOf({ op, formula }: TraceTensor): readonly string[] {
  if (op === 'where') return ['c', 'a', 'b'];
  if (op === 'logSumExp') return ['x', 'm'];
  if (formula?.startsWith('C =')) return ['A', 'B'];
  return formula?.startsWith('c =') ? ['a', 'b'] : ['x'];
}

/** The letter that the formula of an operation has for its result. */
export const resultLetter = ({ formula }: TraceTensor): string => formula?.[0] ?? 'y';

/** What the formula leaves unsaid of an operation, in words. */
export function remarkOf({ op, attributes }: TraceTensor, { localDerivative }: Partial<TraceFlow> = {}): string {
  const { transposeB = false } = (attributes ?? {}) as { readonly transposeB?: boolean };
  if (op === 'matmul' && transposeB) return 'B stands for the second input transposed: its gradient is turned back.';
  if (op === 'where') return 'Where c is 1, a is taken, else b. What is not taken does not count, however large it is.';
  if (op === 'logSumExp') return 'm is 1 where an element counts, and 0 where it is left out.';
  return localDerivative === undefined ? '' : 'Square brackets are 1 where what they say holds, else 0.';
}

/** Smaller numbers are rounding of what should be 0. */
const ROUNDING = 1e-12;

/** Numbers as they are shown: rounding is 0. */
export const settled = (numbers: Numbers): Numbers =>
  typeof numbers === 'object' ? numbers.map(settled) : Math.abs(Number(numbers)) < ROUNDING ? 0 : numbers;

/** Every element in order. */
export const flat = (numbers: Numbers): number[] =>
  typeof numbers === 'object' ? numbers.flatMap(flat) : [Number(numbers)];
