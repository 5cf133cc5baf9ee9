/**
 * @file Elementwise kernels of the CPU: one plain loop for each function.
 */
import { allocate, dtypeOf, type TypedArray, toTypedArray } from '../../dtype.js';
import { sizeOf } from '../../shape.js';
import { type ArithmeticOp, type ComparisonOp, isComparison, type KernelSpecs, type MapOp } from '../device.js';
import { erf } from './erf.js';
import { walk } from './strided.js';

type MapLoop = (x: TypedArray, out: TypedArray) => void;

/** One inner run: `n` elements from `o` on in `out`; operand a starts at `i` and steps by `p`, b at `j` by `q`. */
type ZipLoop = (
  out: TypedArray,
  o: number,
  n: number,
  a: TypedArray,
  i: number,
  p: number,
  b: TypedArray,
  j: number,
  q: number,
) => void;

const mapLoops: Record<MapOp, MapLoop> = {
  neg(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = -x[i]!;
  },
  abs(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(x[i]!);
  },
  sign(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! > 0 ? 1 : x[i]! < 0 ? -1 : 0;
  },
  exp(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(x[i]!);
  },
  expm1(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.expm1(x[i]!);
  },
  log(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.log(x[i]!);
  },
  log1p(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.log1p(x[i]!);
  },
  erf(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = erf(x[i]!);
  },
  sqrt(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x[i]!);
  },
  square(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! * x[i]!;
  },
  tanh(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.tanh(x[i]!);
  },
  // exp(-|x|) never overflows; for x < 0, e / (1 + e) keeps the small result's relative precision.
  sigmoid(x, out) {
    for (let i = 0; i < out.length; i++) {
      const e = Math.exp(-Math.abs(x[i]!));
      out[i] = (x[i]! < 0 ? e : 1) / (1 + e);
    }
  },
  softplus(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i]!, 0) + Math.log1p(Math.exp(-Math.abs(x[i]!)));
  },
  relu(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i]!, 0);
  },
};

/** As C's pow: in JavaScript 1 to the power NaN, and ±1 to an infinite power, are NaN. */
const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

const zipLoops: Record<ArithmeticOp | ComparisonOp, ZipLoop> = {
  add(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! + b[j + t * q]!;
  },
  sub(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! - b[j + t * q]!;
  },
  mul(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! * b[j + t * q]!;
  },
  div(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! / b[j + t * q]!;
  },
  pow(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = power(a[i + t * p]!, b[j + t * q]!);
  },
  maximum(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = Math.max(a[i + t * p]!, b[j + t * q]!);
  },
  minimum(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = Math.min(a[i + t * p]!, b[j + t * q]!);
  },
  greater(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! > b[j + t * q]! ? 1 : 0;
  },
  greaterEqual(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! >= b[j + t * q]! ? 1 : 0;
  },
  less(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! < b[j + t * q]! ? 1 : 0;
  },
  lessEqual(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! <= b[j + t * q]! ? 1 : 0;
  },
  equal(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! === b[j + t * q]! ? 1 : 0;
  },
  notEqual(out, o, n, a, i, p, b, j, q) {
    for (let t = 0; t < n; t++) out[o + t] = a[i + t * p]! !== b[j + t * q]! ? 1 : 0;
  },
};

/** A product of integers may be larger than what double precision holds; its last 32 bits are the result. */
const multiplyIntegers: ZipLoop = (out, o, n, a, i, p, b, j, q) => {
  for (let t = 0; t < n; t++) out[o + t] = Math.imul(a[i + t * p]!, b[j + t * q]!);
};

/** One function of every element. */
export function map([x]: readonly TypedArray[], { op, size }: KernelSpecs['map']): TypedArray {
  const out = allocate(dtypeOf(x!), size);
  if (op === 'square' && out instanceof Int32Array) multiplyIntegers(out, 0, size, x!, 0, 1, x!, 0, 1);
  else mapLoops[op](x!, out);
  return out;
}

/** One function of every pair of elements. */
export function zip([a, b]: readonly TypedArray[], { op, shape, strides }: KernelSpecs['zip']): TypedArray {
  const out = allocate(isComparison(op) ? 'int32' : dtypeOf(a!), sizeOf(shape));
  const loop = op === 'mul' && out instanceof Int32Array ? multiplyIntegers : zipLoops[op];
  const { length, steps, forEachRun } = walk(shape, strides);
  const [p, q] = steps as [number, number];
  forEachRun((o, starts) => loop(out, o, length, a!, starts[0]!, p, b!, starts[1]!, q));
  return out;
}

/** The element of a where the condition is not 0, of b elsewhere. */
export function where([condition, a, b]: readonly TypedArray[], { shape, strides }: KernelSpecs['where']): TypedArray {
  const out = allocate(dtypeOf(a!), sizeOf(shape));
  const { length, steps, forEachRun } = walk(shape, strides);
  const [r, p, q] = steps as [number, number, number];
  forEachRun((o, [h, i, j]) => {
    for (let t = 0; t < length; t++) {
      out[o + t] = condition![h! + t * r] !== 0 ? a![i! + t * p]! : b![j! + t * q]!;
    }
  });
  return out;
}

/** The same numbers in another type. */
export function cast([x]: readonly TypedArray[], { dtype }: KernelSpecs['cast']): TypedArray {
  return toTypedArray(dtype, x!);
}
