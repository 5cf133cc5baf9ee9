/**
 * @file Kernels of the CPU that move elements without changing them.
 */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import { sizeOf, stridesOf } from '../../shape.js';
import type { KernelSpecs } from '../device.js';
import { walk } from './strided.js';

/** Reads x through strides: permute, broadcast, slice, flip. */
export function copyStrided(
  [x]: readonly TypedArray[],
  { shape, strides, offset }: KernelSpecs['copyStrided'],
): TypedArray {
  const out = allocate(dtypeOf(x!), sizeOf(shape));
  const { length, steps, forEachRun } = walk(shape, [strides]);
  const step = steps[0]!;
  forEachRun((o, starts) => {
    const from = offset + starts[0]!;
    for (let t = 0; t < length; t++) out[o + t] = x![from + t * step]!;
  });
  return out;
}

/** Writes x between equal values through strides: what slice read. */
export function pad(
  [x]: readonly TypedArray[],
  { shape, inner, starts, steps, value }: KernelSpecs['pad'],
): TypedArray {
  const out = allocate(dtypeOf(x!), sizeOf(shape)).fill(value);
  const own = stridesOf(shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * own[axis]!, 0);
  const plan = walk(inner, [own.map((stride, axis) => stride * steps[axis]!)]);
  const step = plan.steps[0]!;
  plan.forEachRun((i, into) => {
    const to = offset + into[0]!;
    for (let t = 0; t < plan.length; t++) out[to + t * step] = x![i + t]!;
  });
  return out;
}

/** Joins rows side by side. */
export function concat(inputs: readonly TypedArray[], { outer, lengths }: KernelSpecs['concat']): TypedArray {
  const width = lengths.reduce((sum, length) => sum + length, 0);
  const out = allocate(dtypeOf(inputs[0]!), outer * width);
  for (let row = 0; row < outer; row++) {
    let to = row * width;
    inputs.forEach((x, i) => {
      const length = lengths[i]!;
      out.set(x.subarray(row * length, (row + 1) * length), to);
      to += length;
    });
  }
  return out;
}
