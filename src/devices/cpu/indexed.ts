/**
 * @file Kernels of the CPU that read and write where an index says.
 */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import { sizeOf, stridesOf } from '../../shape.js';
import type { KernelSpecs } from '../device.js';
import { walk } from './strided.js';

/** Reads x at the places that the index names along one axis. */
export function gather(
  [x, index]: readonly TypedArray[],
  { shape, strides, axisStride }: KernelSpecs['gather'],
): TypedArray {
  const out = allocate(dtypeOf(x!), sizeOf(shape));
  const { length, steps, forEachRun } = walk(shape, [strides]);
  const step = steps[0]!;
  forEachRun((o, starts) => {
    const start = starts[0]!;
    for (let t = 0; t < length; t++) out[o + t] = x![start + t * step + index![o + t]! * axisStride]!;
  });
  return out;
}

/** Adds the source into zeros at the places that the index names along one axis; sums of floats in double precision. */
export function scatterAdd(
  [source, index]: readonly TypedArray[],
  { shape, strides, axis, outer }: KernelSpecs['scatterAdd'],
): TypedArray {
  const sums = source instanceof Int32Array ? new Int32Array(sizeOf(outer)) : new Float64Array(sizeOf(outer));
  const axisStride = stridesOf(outer)[axis]!;
  const { length, steps, forEachRun } = walk(shape, [strides]);
  const step = steps[0]!;
  forEachRun((o, starts) => {
    const start = starts[0]!;
    for (let t = 0; t < length; t++) sums[start + t * step + index![o + t]! * axisStride]! += source![o + t]!;
  });
  const out = allocate(dtypeOf(source!), sums.length);
  out.set(sums);
  return out;
}
