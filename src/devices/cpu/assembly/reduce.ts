/** @file Reductions of an axis. Sums accumulate in double precision and are rounded once, as the plain loops do. */
import * as code from '../opcodes.ts';
import { address, loadPart, storePart, word } from './memory.ts';

/** The first two of four float32 numbers, in double precision. */
@inline
function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The last two. */
@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
}

/** Adds four numbers to two sums in double precision. */
@inline
export function addWide(sums: v128, x: v128): v128 {
  return f64x2.add(sums, f64x2.add(low(x), high(x)));
}

/** Both sums in one. */
@inline
export function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** The larger of each two elements; NaN where either is. */
@inline
function larger<T>(a: v128, b: v128): v128 {
  return isFloat<T>() ? f32x4.max(a, b) : i32x4.max_s(a, b);
}

/** The largest of four, in every lane. */
@inline
export function largest<T>(x: v128): v128 {
  x = larger<T>(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return larger<T>(x, v128.shuffle<i32>(x, x, 1, 0, 3, 2));
}

/** The sum of elements side by side. */
function sumRun<T>(out: usize, x: usize, count: i32): void {
  const end = x + (<usize>(count >> 2) << 4);
  let sums = i32x4.splat(0);
  for (; x < end; x += 16) sums = isFloat<T>() ? addWide(sums, v128.load(x)) : i32x4.add(sums, v128.load(x));
  if (count & 3) {
    const last = loadPart(x, count & 3);
    sums = isFloat<T>() ? addWide(sums, last) : i32x4.add(sums, last);
  }
  if (isFloat<T>()) store<f32>(out, <f32>total(sums));
  else {
    sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
    store<i32>(out, i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1));
  }
}

/** The largest of elements side by side. */
function maxRun<T>(out: usize, x: usize, count: i32): void {
  const end = x + (<usize>(count >> 2) << 4);
  let max = v128.load32_splat(x);
  for (; x < end; x += 16) max = larger<T>(max, v128.load(x));
  // One by one: what a part vector is filled with must not take part.
  for (let rest = count & 3; rest > 0; rest--) {
    max = larger<T>(max, v128.load32_splat(x));
    x += 4;
  }
  store<i32>(out, i32x4.extract_lane(largest<T>(max), 0));
}

/** The sums, or the largest, of four columns (or the first few) whose elements are `row` bytes apart. */
@inline
function columns<T>(op: i32, full: bool, out: usize, x: usize, length: i32, row: usize, count: i32): void {
  let a = op == code.SUM ? i32x4.splat(0) : full ? v128.load(x) : loadPart(x, count);
  let b = a;
  for (; length > 0; length--) {
    const four = full ? v128.load(x) : loadPart(x, count);
    if (op == code.MAX) a = larger<T>(a, four);
    else if (isFloat<T>()) {
      a = f64x2.add(a, low(four));
      b = f64x2.add(b, high(four));
    } else a = i32x4.add(a, four);
    x += row;
  }
  if (isFloat<T>() && op == code.SUM) {
    a = v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
  }
  if (full) v128.store(out, a);
  else storePart(out, a, count);
}

/** Every column. */
function allColumns<T>(op: i32, out: usize, x: usize, length: i32, row: usize): void {
  const end = out + (row & ~15);
  for (; out < end; out += 16) {
    if (op == code.SUM) columns<T>(code.SUM, true, out, x, length, row, 4);
    else columns<T>(code.MAX, true, out, x, length, row, 4);
    x += 16;
  }
  const rest = <i32>(row & 15) >> 2;
  if (rest == 0) return;
  if (op == code.SUM) columns<T>(code.SUM, false, out, x, length, row, rest);
  else columns<T>(code.MAX, false, out, x, length, row, rest);
}

/** Where the first largest element is; NaN counts as the largest, as in PyTorch. */
function argMax<T>(x: usize, length: i32, row: usize): i32 {
  let best: i32 = 0;
  let max = load<T>(x);
  for (let t: i32 = 1; t < length && max == max; t++) {
    x += row;
    const value = load<T>(x);
    if (!(value <= max)) {
      best = t;
      max = value;
    }
  }
  return best;
}

function reduceAxis<T>(op: i32, out: usize, x: usize, length: i32, inner: i32): void {
  const row = <usize>inner << 2;
  if (op == code.ARG_MAX) {
    for (let column: usize = 0; column < row; column += 4) store<i32>(out + column, argMax<T>(x + column, length, row));
  } else if (inner == 1) {
    if (op == code.SUM) sumRun<T>(out, x, length);
    else maxRun<T>(out, x, length);
  } else allColumns<T>(op, out, x, length, row);
}

/** `[out, x, op, type, outer, length, inner]` */
export function reduce(at: usize): void {
  let out = address(at, 0);
  let x = address(at, 1);
  const op = word(at, 2);
  const float = word(at, 3) == code.FLOAT32;
  const length = word(at, 5);
  const inner = word(at, 6);
  for (let outer = word(at, 4); outer > 0; outer--) {
    if (float) reduceAxis<f32>(op, out, x, length, inner);
    else reduceAxis<i32>(op, out, x, length, inner);
    out += <usize>inner << 2;
    x += <usize>(length * inner) << 2;
  }
}
