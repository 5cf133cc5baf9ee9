/** @file The optimizers' updates. They round as the WebAssembly kernels do, so that both give the same numbers. */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import type { KernelSpecs } from '../device.js';

type Round = (x: number) => number;

/** To the nearest number of an array's type. */
const roundTo = (array: TypedArray): Round => (array instanceof Float32Array ? Math.fround : (x) => x);

/** x times what a weight lost when it was rounded; 0 for an infinite x, which the rounded weight speaks for. */
const small = (tail: number, x: number, round: Round): number => (Math.abs(x) < Infinity ? round(tail * x) : 0);

/** See {@link KernelSpecs.blend}. */
export function blend([x, y]: readonly TypedArray[], spec: KernelSpecs['blend']): TypedArray {
  const { weights, squared, size } = spec;
  const round = roundTo(x!);
  const head = round(weights[0]);
  const tail = round(weights[0] - head);
  const other = round(weights[1]);
  const out = allocate(dtypeOf(x!), size);
  for (let i = 0; i < size; i++) {
    const b = squared ? round(y![i]! * y![i]!) : y![i]!;
    out[i] = round(head * x![i]!) + round(small(tail, x![i]!, round) + round(other * b));
  }
  return out;
}

/** See {@link KernelSpecs.adam}. */
export function adam(inputs: readonly TypedArray[], { eps, decay, index = 0, size }: KernelSpecs['adam']): TypedArray {
  const [parameter, mean, square, correction1, correction2, lr] = inputs as [
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
  ];
  const round = roundTo(parameter);
  const kept = 1 - lr[0]! * decay;
  const head = round(kept);
  const tail = round(kept - head);
  const rate = round(lr[0]! / correction1[index]!);
  const scale = round(1 / Math.sqrt(correction2[index]!));
  const least = round(eps);
  const out = allocate(dtypeOf(parameter), size);
  for (let i = 0; i < size; i++) {
    const spread = round(round(round(Math.sqrt(square[i]!)) * scale) + least);
    const move = round(round(rate * mean[i]!) / spread);
    out[i] = round(head * parameter[i]!) + round(small(tail, parameter[i]!, round) - move);
  }
  return out;
}
