/** @file The optimizers' updates. */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import type { KernelSpecs } from '../device.js';

/** See {@link KernelSpecs.blend}. */
export function blend([x, y]: readonly TypedArray[], spec: KernelSpecs['blend']): TypedArray {
  const { weights, squared, size } = spec;
  const [p, q] = weights;
  const out = allocate(dtypeOf(x!), size);
  for (let i = 0; i < size; i++) out[i] = p * x![i]! + q * (squared ? y![i]! * y![i]! : y![i]!);
  return out;
}

/** See {@link KernelSpecs.adam}. */
export function adam(inputs: readonly TypedArray[], { eps, decay, size }: KernelSpecs['adam']): TypedArray {
  const [parameter, mean, square, correction1, correction2, lr] = inputs as [
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
    TypedArray,
  ];
  const kept = 1 - lr[0]! * decay;
  const rate = lr[0]! / correction1[0]!;
  const root = Math.sqrt(correction2[0]!);
  const out = allocate(dtypeOf(parameter), size);
  for (let i = 0; i < size; i++) {
    out[i] = kept * parameter[i]! - (rate * mean[i]!) / (Math.sqrt(square[i]!) / root + eps);
  }
  return out;
}
