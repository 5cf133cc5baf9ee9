/**
 * @file Kernels of the CPU that reduce an axis, and the row-wise softmax pair. Sums of floats accumulate in double
 * precision and are rounded once.
 */
import { allocate, dtypeOf, type TypedArray } from '../../dtype.js';
import type { KernelSpecs, ReduceOp } from '../device.js';

/** Reduces the middle axis of `[outer, length, inner]`. */
export function reduce([x]: readonly TypedArray[], { op, outer, length, inner }: KernelSpecs['reduce']): TypedArray {
  const out = allocate(op === 'argMax' ? 'int32' : dtypeOf(x!), outer * inner);
  const reduceAxis = op === 'sum' && out instanceof Int32Array ? sumIntegers : reductions[op];
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      out[block * inner + column] = reduceAxis(x!, block * length * inner + column, length, inner);
    }
  }
  return out;
}

type Reduction = (x: TypedArray, start: number, length: number, step: number) => number;

function sumAxis(x: TypedArray, start: number, length: number, step: number): number {
  let sum = 0;
  for (let t = 0; t < length; t++) sum += x[start + t * step]!;
  return sum;
}

function sumIntegers(x: TypedArray, start: number, length: number, step: number): number {
  let sum = 0;
  for (let t = 0; t < length; t++) sum = (sum + x[start + t * step]!) | 0;
  return sum;
}

function maxAxis(x: TypedArray, start: number, length: number, step: number): number {
  let max = x[start]!;
  for (let t = 1; t < length; t++) max = Math.max(max, x[start + t * step]!);
  return max;
}

function argMaxAxis(x: TypedArray, start: number, length: number, step: number): number {
  let best = 0;
  let max = x[start]!;
  for (let t = 1; t < length && !Number.isNaN(max); t++) {
    const value = x[start + t * step]!;
    // NaN counts as the largest, as in PyTorch.
    if (!(value <= max)) [best, max] = [t, value];
  }
  return best;
}

const reductions: Record<ReduceOp, Reduction> = { sum: sumAxis, max: maxAxis, argMax: argMaxAxis };

/** The row's largest kept element, and the sum of exp(x - largest) over the kept ones. */
function shiftedSum(x: TypedArray, mask: TypedArray | undefined, start: number, columns: number): [number, number] {
  let max = Number.NEGATIVE_INFINITY;
  for (let j = start; j < start + columns; j++) {
    if (mask === undefined || mask[j] !== 0) max = Math.max(max, x[j]!);
  }
  // An infinite largest element must not be subtracted from itself.
  const shift = Number.isFinite(max) ? max : 0;
  let sum = 0;
  for (let j = start; j < start + columns; j++) {
    if (mask === undefined || mask[j] !== 0) sum += Math.exp(x[j]! - shift);
  }
  return [shift, sum];
}

/** log Σ exp of each row, over the columns that the mask keeps. */
export function logSumExp([x, mask]: readonly TypedArray[], { rows, columns }: KernelSpecs['logSumExp']): TypedArray {
  const out = allocate(dtypeOf(x!), rows);
  for (let row = 0; row < rows; row++) {
    const [shift, sum] = shiftedSum(x!, mask, row * columns, columns);
    out[row] = shift + Math.log(sum);
  }
  return out;
}

/** The softmax of each row, over the columns that the mask keeps; 0 elsewhere. */
export function softmax([x, mask]: readonly TypedArray[], spec: KernelSpecs['softmax']): TypedArray {
  const { rows, columns, gradient } = spec;
  const out = allocate(dtypeOf(x!), rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const [shift, sum] = shiftedSum(x!, mask, start, columns);
    const divisor = gradient || sum < Number.POSITIVE_INFINITY ? sum : Number.NaN;
    for (let j = start; j < start + columns; j++) {
      if (mask === undefined || mask[j] !== 0) out[j] = Math.exp(x![j]! - shift) / divisor;
    }
  }
  return out;
}
