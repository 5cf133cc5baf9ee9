/** @file The CPU's look at values: which one does not meet a requirement. */
import type { TypedArray } from '../../dtype.js';
import type { KernelSpecs } from '../device.js';

/** The index of the first element that does not meet the requirement, or -1. */
export function check([x]: readonly TypedArray[], { requirement }: KernelSpecs['check']): TypedArray {
  const meets =
    requirement.test === 'positive'
      ? (value: number) => value > 0 && value < Number.POSITIVE_INFINITY
      : (value: number) => value >= requirement.low && value <= requirement.high;
  return Int32Array.of(x!.findIndex((value) => !meets(value)));
}
